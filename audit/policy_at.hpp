// The policy as the journal tells it: which settings were in force at a record, from which line of
// the configuration, and who answers for them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/journal.hpp"

namespace interlock::audit {

struct Setting {
  std::string scope_kind, scope, key, value;
  std::uint64_t line = 0;  // of the configuration; 0: none
  std::string why, owner, review;
  // While it is raised for a time:
  std::uint64_t raise = 0;  // the number of its record
  std::string filed;        // the value without the raise
  std::string raised_by;
};

class PolicyAt {
 public:
  // In order, up to the record that is asked about.
  void take(const Record& record);

  [[nodiscard]] std::uint64_t record() const { return record_; }  // that they stand in; 0: none
  [[nodiscard]] const std::string& config_hash() const { return config_hash_; }
  [[nodiscard]] const std::string& build() const { return build_; }
  // Those of this key and this scope ("symbol", "ACME"), as they were in force.
  [[nodiscard]] std::vector<Setting> find(std::string_view key, std::string_view scope_kind,
                                          std::string_view scope) const;

 private:
  void add(const Record& record);

  std::vector<Setting> settings_;  // as filed
  std::map<std::uint64_t, Setting> raises_;
  std::uint64_t record_ = 0;
  std::string config_hash_, build_;
};

}  // namespace interlock::audit
