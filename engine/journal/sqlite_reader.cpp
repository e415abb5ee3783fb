#include "engine/journal/sqlite_reader.h"

#include <filesystem>

#include "engine/journal/schema.h"
#include "engine/journal/wording.h"

namespace drydock::journal {

SqliteReader::SqliteReader(const std::string& path)
    : path_(path),
      connection_(path, sqlite::OpenOptions{.mode = sqlite::Mode::ReadOnly,
                                            .busy_timeout = Microseconds(5'000'000),
                                            .checkpoint_on_close = false}),
      reads_(connection_, std::filesystem::path(path).parent_path()) {
    const std::optional<std::int64_t> schema =
        reading([&] { return schema_of(connection_, path_); });
    if (!schema) {
        if (was_a_journal(path_)) throw damaged(path_, "it is empty");
        throw not_a_journal(path_);
    }
    if (*schema > newest_schema()) throw newer_schema(path_, *schema, newest_schema());
    info_ = reading([&] { return reads_.read_info(path_); });
}

SqliteReader::~SqliteReader() = default;

template <class Read>
auto SqliteReader::reading(Read read) -> decltype(read()) {
    try {
        return read();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Integrity || error.code() == ErrorCode::Journal) throw;
        throw unreadable(path_, error);
    }
}

std::vector<RunRow> SqliteReader::list(const RunFilter& filter) {
    return reading([&] { return reads_.list(filter); });
}
std::vector<RunRow> SqliteReader::find(std::string_view prefix, std::size_t limit) {
    return reading([&] { return reads_.find(prefix, limit); });
}
std::optional<RunRow> SqliteReader::newest(std::string_view starter) {
    return reading([&] { return reads_.newest(starter); });
}
std::optional<RunRow> SqliteReader::row(std::int64_t n) {
    return reading([&] { return reads_.row(n); });
}
std::vector<StoredEvent> SqliteReader::events(std::int64_t n, std::int64_t after_seq,
                                              std::size_t limit) {
    return reading([&] { return reads_.events(n, after_seq, limit); });
}
std::map<std::string, std::string> SqliteReader::parts(std::int64_t n) {
    return reading([&] { return reads_.parts(n); });
}
std::vector<Request> SqliteReader::requests(std::int64_t n) {
    return reading([&] { return reads_.requests(n); });
}
std::optional<Owner> SqliteReader::owner(std::int64_t n) {
    return reading([&] { return reads_.owner(n); });
}
std::optional<LockHolder> SqliteReader::lock_holder(std::string_view name) {
    return reading([&] { return reads_.lock_holder(name); });
}
std::vector<StoredLedgerLine> SqliteReader::ledger(std::int64_t from_idx, std::size_t limit) {
    return reading([&] { return reads_.ledger(from_idx, limit); });
}
std::optional<StoredLedgerLine> SqliteReader::last_seal(std::int64_t n) {
    return reading([&] { return reads_.last_seal(n); });
}
std::optional<Tip> SqliteReader::tip() {
    return reading([&] { return reads_.tip(); });
}
std::vector<Head> SqliteReader::heads() {
    return reading([&] { return reads_.heads(); });
}

}  // namespace drydock::journal
