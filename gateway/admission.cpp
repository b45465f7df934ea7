#include "gateway/admission.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace interlock::gateway {
namespace {

namespace ip = boost::asio::ip;

bool matches(const ip::address& address, const std::string& entry) {
  boost::system::error_code error;
  const ip::address literal = ip::make_address(entry, error);
  if (!error) return literal == address;
  if (address.is_v4()) {
    const ip::network_v4 network = ip::make_network_v4(entry, error);
    if (error) return false;
    return ip::network_v4(address.to_v4(), network.prefix_length()).canonical() ==
           network.canonical();
  }
  const ip::network_v6 network = ip::make_network_v6(entry, error);
  if (error) return false;
  return ip::network_v6(address.to_v6(), network.prefix_length()).canonical() ==
         network.canonical();
}

}  // namespace

bool address_allowed(std::string_view text, const std::vector<std::string>& allow) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return false;
  for (const std::string& entry : allow) {
    if (matches(address, entry)) return true;
  }
  return false;
}

}  // namespace interlock::gateway
