// Storage that is used again: who asks for some gets what somebody on his thread gave back, and the
// heap is asked for nothing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace interlock::audit {

// A Storage is a vector or string of bytes. Of each thread at most `kept_most` are kept, of such
// capacities as are asked for again.
template <class Storage, std::size_t kept_most, std::size_t bytes_least, std::size_t bytes_most>
class Reuse {
 public:
  [[nodiscard]] static Storage take(std::size_t bytes) {
    Storage storage;
    if (!kept().empty()) {
      storage.swap(kept().back());
      kept().pop_back();
    }
    storage.reserve(bytes);
    return storage;
  }
  static void give_back(Storage storage) {
    if (storage.capacity() < bytes_least || storage.capacity() > bytes_most ||
        kept().size() >= kept_most)
      return;
    storage.clear();
    kept().push_back(std::move(storage));
  }

 private:
  static std::vector<Storage>& kept() {
    thread_local std::vector<Storage> all;
    return all;
  }
};

}  // namespace interlock::audit
