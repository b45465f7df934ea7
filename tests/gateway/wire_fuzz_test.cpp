// Thousands of mutated frames, the same on each run, through the body that libFuzzer runs.
#include "tests/fuzz/wire_fuzz.cpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/gateway/frames.hpp"

using namespace interlock::gateway;

namespace {

const std::string_view seeds[] = {
    "35=D|34=7|49=R|52=20261121-14:30:00|56=G|11=A1|453=2|448=T|447=D|452=11|802=1|523=x|803=1|"
    "448=U|447=D|1=ACC|55=IBM|54=1|60=20261121-14:30:00.123|38=100|40=2|44=10.25|",
    "35=D|34=7|49=R|52=20261121-14:30:00|56=G|11=A1|21=1|55=IBM|54=1|60=20261121-14:30:00|"
    "38=100|40=1|354=5|355=a|8=b|",
    "35=E|34=2|49=R|52=20261121-14:30:00|56=G|66=L1|394=1|68=2|73=2|11=A1|67=1|78=1|79=X|80=5|"
    "55=IBM|54=1|11=A2|67=2|55=IBM|54=2|",
    "35=A|34=1|49=R|52=20261121-14:30:00|56=G|98=0|108=30|95=4|96=a|=b|141=N|384=1|372=D|385=S|",
    "35=8|34=9|49=V|43=Y|122=20261121-14:29:00|52=20261121-14:30:00|56=G|37=V1|11=A1|17=E1|20=0|"
    "150=1|39=1|55=IBM|54=1|38=100|32=60|31=10.25|151=40|14=60|6=10.25|",
};

class Mutator {
 public:
  std::string mutate(std::string text) {
    for (std::size_t count = pick(4); count > 0; --count) change(text);
    return text;
  }
  std::size_t pick(std::size_t below) { return random_() % below; }

 private:
  void change(std::string& text) {
    if (text.empty()) return;
    const std::size_t at = pick(text.size());
    const std::size_t size = 1 + pick(std::min<std::size_t>(text.size() - at, 20));
    const std::string part = text.substr(at, size);
    switch (pick(6)) {
      case 0:
        text[at] = static_cast<char>(random_());
        return;
      case 1:
        text.erase(at, size);
        return;
      case 2:
        text.insert(pick(text.size()), part);
        return;
      case 3:
        text.insert(at, 1, "\x01=0938"[pick(6)]);
        return;
      case 4:
        text[at] = static_cast<char>('0' + pick(10));
        return;
      default:
        move_field(text, at);
    }
  }

  // Takes the field at or after `at` and puts it behind another one.
  void move_field(std::string& text, std::size_t at) {
    const std::size_t begin = text.find(soh, at);
    if (begin == std::string::npos) return;
    const std::size_t end = text.find(soh, begin + 1);
    if (end == std::string::npos) return;
    const std::string field = text.substr(begin, end - begin);
    text.erase(begin, end - begin);
    const std::size_t target = text.find(soh, pick(text.size()));
    text.insert(target == std::string::npos ? 0 : target, field);
  }

  std::mt19937 random_{20261121};
};

void run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

TEST_CASE("fuzz: mutated frames never crash the gatekeeper, and what it takes it can join again") {
  Mutator mutator;
  std::size_t taken = 0;
  const std::size_t rounds = 4000;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string inside = mutator.mutate(bytes(seeds[round % std::size(seeds)]));
    const std::string version = round % 2 == 0 ? "FIX.4.4" : "FIX.4.2";
    run(inside);
    const std::string frame = fuzz::with_frame(version, inside);
    run(mutator.mutate(frame) + frame);
    taken += parse_strict(frame, interlock::config::built_in(version)).has_value() ? 1 : 0;
  }
  // Both ways have to be travelled, or the mutations prove nothing.
  CHECK(taken > rounds / 20);
  CHECK(taken < rounds / 2);
}
