// How values of this room become bytes for a snapshot and come back, through cereal's archives.
// Both ends are the same build, so that what has no pointer inside goes as it lies in memory.
// Whatever else is saved takes itself apart, `auto& [a, b] = *this`: one member more does not
// compile until it is named, and somebody has said whether it is saved.
#pragma once

#include <algorithm>
#include <bitset>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cereal/archives/binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/bitset.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>
#include <optional>
#include <type_traits>
#include <utility>

#include "risk/wide.hpp"

namespace interlock::risk {

using Saving = cereal::BinaryOutputArchive;
using Restoring = cereal::BinaryInputArchive;

template <class T>
constexpr bool is_known_to_cereal = false;
template <class T>
constexpr bool is_known_to_cereal<cereal::BinaryData<T>> = true;
template <class Key, class Value>
constexpr bool is_known_to_cereal<cereal::MapItem<Key, Value>> = true;
template <class T>
constexpr bool is_known_to_cereal<std::optional<T>> = true;

template <class T>
concept Flat = std::is_trivially_copyable_v<T> && std::is_class_v<T> && !is_known_to_cereal<T>;

template <Flat T>
void serialize(Saving& archive, const T& value) {
  T copy = value;
#if __has_builtin(__builtin_clear_padding)
  __builtin_clear_padding(&copy);  // whatever memory held there before is not ours to write down
#endif
  archive(cereal::binary_data(&copy, sizeof copy));
}
template <Flat T>
void serialize(Restoring& archive, T& value) {
  archive(cereal::binary_data(&value, sizeof value));
}

}  // namespace interlock::risk

namespace cereal {

template <class Archive>
void serialize(Archive& archive, interlock::risk::Wide& value) {
  archive(binary_data(&value, sizeof value));
}

}  // namespace cereal

namespace boost::unordered {

template <class Key, class Value, class Hash, class Equal, class Memory>
void save(interlock::risk::Saving& archive,
          const unordered_flat_map<Key, Value, Hash, Equal, Memory>& map) {
  archive(cereal::make_size_tag(static_cast<cereal::size_type>(map.size())));
  // By their hashes: equal maps give equal bytes, in whatever order they grew.
  std::vector<std::pair<std::size_t, const std::pair<const Key, Value>*>> sorted;
  sorted.reserve(map.size());
  for (const auto& each : map) sorted.emplace_back(map.hash_function()(each.first), &each);
  std::ranges::sort(sorted, {}, [](const auto& each) { return each.first; });
  for (const auto& [hash, each] : sorted) archive(each->first, each->second);
}
template <class Key, class Value, class Hash, class Equal, class Memory>
void load(interlock::risk::Restoring& archive,
          unordered_flat_map<Key, Value, Hash, Equal, Memory>& map) {
  cereal::size_type size = 0;
  archive(cereal::make_size_tag(size));
  map.clear();
  map.reserve(size);
  while (size-- > 0) {
    Key key{};
    Value value{};
    archive(key, value);
    map.emplace(std::move(key), std::move(value));
  }
}

}  // namespace boost::unordered
