#include "engine/backup/copy.h"

#include <unistd.h>

#include <algorithm>

#include "engine/backup/sealed_file.h"
#include "engine/error.h"
#include "engine/sql/placeholders.h"
#include "engine/sqlite/connection.h"
#include "engine/sqlite/errors.h"

namespace drydock::backup {
namespace {

constexpr std::string_view kTables = R"(
select name from sqlite_schema
 where type = 'table' and name not like 'sqlite\_%' escape '\' and name <> 'drydock_receipts'
   and sql not like 'create virtual %' order by name)";

// More than these say nothing new, and a badly damaged file has millions.
constexpr std::string_view kCheck = "pragma integrity_check(100)";

std::map<std::string, std::int64_t, std::less<>> count_rows(sqlite::Connection& connection) {
    std::map<std::string, std::int64_t, std::less<>> rows;
    sqlite::Statement tables = connection.prepare(kTables);
    while (tables.step()) {
        const std::string name(tables.column_text(0));
        sqlite::Statement count =
            connection.prepare("select count(*) from " + sql::quoted_identifier(name));
        count.step();
        rows.emplace(name, count.column_int(0));
    }
    return rows;
}

// One row of the check says several lines where it is about pages.
void add_problems(std::vector<std::string>& problems, std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty() || line == "ok" || line.starts_with("*** in database")) continue;
        problems.emplace_back(line);
    }
}

}  // namespace

Examined examine(Job& job, const std::string& path) {
    Examined examined;
    sqlite::Connection connection(
        path, {.mode = sqlite::Mode::ReadOnly, .busy_timeout = Microseconds(5'000'000)});
    connection.set_stop(job.must_stop);
    try {
        sqlite::Statement check = connection.prepare(kCheck);
        while (check.step()) add_problems(examined.problems, check.column_text(0));
        if (examined.problems.empty()) examined.rows = count_rows(connection);
    } catch (const Error& error) {
        if (!sqlite::is_damage(error) || error.code_text() == "SQLITE_NOTADB") throw error.in(path);
        examined.problems.push_back(error.message());
    }
    return examined;
}

bool is_packed(const std::string& path) {
    return is_sealed(path) || path.ends_with(".gz") || path.ends_with(".zst");
}

bool is_sealed(const std::string& path) { return path.ends_with(".sealed"); }

PlainCopy::PlainCopy(Job& job, const std::string& path, const std::string& scratch,
                     const std::optional<crypto::Key>& key)
    : path_(path) {
    if (is_sealed(path_)) {
        if (!key) {
            throw Error(ErrorCode::Permission, path + " is sealed",
                        "give the secret that it was sealed with");
        }
        // The part keeps the ending that tells how it is compressed.
        const std::string inner =
            path_.substr(0, path_.size() - std::string_view(".sealed").size());
        const std::string opened = scratch + (inner.ends_with(".gz")    ? ".gz"
                                              : inner.ends_with(".zst") ? ".zst"
                                                                        : "");
        scratch_.add(opened);
        open_sealed_file(job, *key, path_, opened);
        path_ = opened;
    }
    if (is_packed(path_)) {
        scratch_.add(scratch);
        job.files.decompress(path_, scratch);
        path_ = scratch;
    }
}

PlainCopy::Scratch::~Scratch() {
    for (const std::string& file : files_)
        ::unlink(file.c_str());
}

}  // namespace drydock::backup
