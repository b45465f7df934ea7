// The journal as tables: records (a row for each order that one is about), their fields, and the
// FIX messages in them.
#include <fmt/format.h>
#include <sqlite3.h>

#include <charconv>
#include <span>

#include "audit/frame.hpp"
#include "audit/table.hpp"
#include "cli/command.hpp"
#include "cli/export_file.hpp"

namespace interlock::cli {
namespace {

using audit::Field;

struct MessageColumn {
  std::string_view name;
  unsigned tag;
};
// Of `messages`, besides sequence, direction, session and fix.
constexpr MessageColumn message_columns[] = {
    {"msg_type", 35},       {"msg_seq_num", 34}, {"sending_time", 52}, {"cl_ord_id", 11},
    {"orig_cl_ord_id", 41}, {"order_id", 37},    {"exec_id", 17},      {"exec_type", 150},
    {"ord_status", 39},     {"account", 1},      {"symbol", 55},       {"side", 54},
    {"order_qty", 38},      {"ord_type", 40},    {"price", 44},        {"time_in_force", 59},
    {"last_qty", 32},       {"last_px", 31},     {"cum_qty", 14},      {"leaves_qty", 151},
    {"transact_time", 60},  {"text", 58},
};

constexpr const char* indices = R"(
CREATE INDEX records_time ON records(time);
CREATE INDEX records_kind ON records(kind);
CREATE INDEX records_reason ON records(reason);
CREATE INDEX records_parent ON records(parent);
CREATE INDEX records_account ON records(account);
CREATE INDEX records_cl_ord_id ON records(router, cl_ord_id);
CREATE INDEX records_chain ON records(router, first_cl_ord_id);
CREATE INDEX records_venue_cl_ord_id ON records(venue, venue_cl_ord_id);
CREATE INDEX fields_name ON fields(name, value);
CREATE INDEX messages_sequence ON messages(sequence);
CREATE INDEX messages_cl_ord_id ON messages(cl_ord_id);
CREATE INDEX messages_exec_id ON messages(exec_id);
)";

class Statement {
 public:
  Statement(sqlite3* database, std::string_view table, std::size_t columns) : database_(database) {
    std::string text = fmt::format("INSERT INTO {} VALUES (?", table);
    for (std::size_t i = 1; i < columns; ++i) text += ",?";
    text += ')';
    if (sqlite3_prepare_v2(database, text.c_str(), -1, &statement_, nullptr) != SQLITE_OK)
      throw Failure(exit_internal, sqlite3_errmsg(database));
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  // What is empty is NULL.
  Statement& text(std::string_view value) {
    ++at_;
    if (value.empty())
      sqlite3_bind_null(statement_, at_);
    else
      sqlite3_bind_text(statement_, at_, value.data(), static_cast<int>(value.size()),
                        SQLITE_TRANSIENT);
    return *this;
  }
  Statement& number(std::uint64_t value) {
    sqlite3_bind_int64(statement_, ++at_, static_cast<sqlite3_int64>(value));
    return *this;
  }
  void insert() {
    const int done = sqlite3_step(statement_);
    sqlite3_reset(statement_);
    at_ = 0;
    if (done != SQLITE_DONE) throw Failure(exit_cannot_start, sqlite3_errmsg(database_));
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int at_ = 0;
};

std::string list_of(std::span<const std::string_view> names) {
  std::string list;
  for (const auto name : names) {
    const bool is_number = name == "sequence" || name == "position";
    list += fmt::format("{}\"{}\" {}", list.empty() ? "" : ", ", name,
                        is_number ? "INTEGER NOT NULL" : "TEXT");
  }
  return list;
}

// Frames and what has no column of its own stand in the other two tables.
std::vector<std::string_view> record_columns() {
  std::vector<std::string_view> names;
  for (const auto name : audit::columns()) {
    if (!name.ends_with("_frame") && name != "more") names.push_back(name);
  }
  return names;
}

class SqliteFile : public ExportFile {
 public:
  SqliteFile(const std::filesystem::path& path, audit::FrameText words) : words_(std::move(words)) {
    create_file(path);
    if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
      const std::string why = sqlite3_errmsg(database_);
      sqlite3_close(database_);
      throw Failure(exit_cannot_start, fmt::format("{}: {}", path.string(), why));
    }
    // Nobody else has it, and an export that is cut off is thrown away: no journal of its own.
    run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN");
    run("CREATE TABLE records (" + list_of(record_columns()) +
        ", PRIMARY KEY (sequence, position)) WITHOUT ROWID");
    run("CREATE TABLE fields (sequence INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT "
        "NULL, value, PRIMARY KEY (sequence, position)) WITHOUT ROWID");
    std::vector<std::string_view> names{"sequence", "direction", "session"};
    for (const auto& column : message_columns) names.push_back(column.name);
    names.emplace_back("fix");
    run("CREATE TABLE messages (" + list_of(names) + ")");
    records_ = std::make_unique<Statement>(database_, "records", record_columns().size());
    fields_ = std::make_unique<Statement>(database_, "fields", 4);
    messages_ = std::make_unique<Statement>(database_, "messages", names.size());
  }
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;
  ~SqliteFile() override { close(); }

  void add(const audit::Record& record, const audit::About& about) override {
    add_rows(record, about);
    const auto sequence = record.location.sequence;
    const audit::FieldReader fields(record.payload);
    const auto items = fields.items();
    if (!items) return;
    std::uint64_t position = 0;
    for (const auto& item : *items) {
      fields_->number(sequence).number(++position).text(audit::name_text(item.field));
      const auto value = audit::value_text(item, words_);
      std::uint64_t number = 0;
      const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
      const bool is_number = item.bytes.size() == sizeof number && read.ec == std::errc() &&
                             read.ptr == value.data() + value.size() && value != item.bytes;
      (is_number ? fields_->number(number) : fields_->text(value)).insert();
    }
    add_message(sequence, "in", Field::session, Field::in_frame, fields);
    add_message(sequence, "out", Field::out_session, Field::out_frame, fields);
    add_message(sequence, "reply", Field::reply_session, Field::reply_frame, fields);
  }

  void finish() override {
    run(indices);
    run("COMMIT");
    close();
  }

 private:
  void add_rows(const audit::Record& record, const audit::About& about) {
    const auto names = audit::columns();
    for (std::size_t i = 0; i < about.subjects.size(); ++i) {
      const auto row = audit::row_of(record, about, i, words_);
      records_->number(record.location.sequence).number(i + 1);
      for (std::size_t at = 2; at < row.size(); ++at) {
        if (!names[at].ends_with("_frame") && names[at] != "more") records_->text(row[at]);
      }
      records_->insert();
    }
  }

  void add_message(std::uint64_t sequence, std::string_view direction, Field session, Field frame,
                   const audit::FieldReader& fields) {
    const auto bytes = fields.text(frame);
    if (!bytes) return;
    messages_->number(sequence).text(direction);
    messages_->text(audit::for_people(fields.text(session).value_or("")));
    for (const auto& column : message_columns)
      messages_->text(audit::for_people(audit::frame_value(*bytes, column.tag)));
    messages_->text(audit::value_text({frame, *bytes}, words_));
    messages_->insert();
  }

  void run(const std::string& text) {
    if (sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw Failure(exit_cannot_start, sqlite3_errmsg(database_));
  }
  void close() {
    records_.reset();
    fields_.reset();
    messages_.reset();
    sqlite3_close(database_);
    database_ = nullptr;
  }

  audit::FrameText words_;
  sqlite3* database_ = nullptr;
  std::unique_ptr<Statement> records_, fields_, messages_;
};

}  // namespace

std::unique_ptr<ExportFile> open_sqlite(const std::filesystem::path& file, audit::FrameText words) {
  return std::make_unique<SqliteFile>(file, std::move(words));
}

}  // namespace interlock::cli
