#include "engine/backup/dump.h"

#include <algorithm>
#include <cctype>

#include "engine/backup/plain_file.h"
#include "engine/error.h"
#include "engine/sqlite/connection.h"

namespace drydock::backup {
namespace {

constexpr std::size_t kToldEvery = 10'000;  // lines

bool blank(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

bool begins_with_rollback(std::string_view line) {
    constexpr std::string_view kWord = "rollback";
    if (line.size() < kWord.size()) return false;
    return std::ranges::equal(line.substr(0, kWord.size()), kWord, [](char left, char right) {
        return std::tolower(static_cast<unsigned char>(left)) == right;
    });
}

// The lines of a dump, put together to statements.
class Loader final {
  public:
    Loader(Job& job, const std::string& dump, sqlite::Connection& database)
        : job_(job), dump_(dump), reader_(dump), database_(database) {}

    void load() {
        std::string rest;
        for (std::string piece = reader_.read(kPieceBytes); !piece.empty();
             piece = reader_.read(kPieceBytes)) {
            rest += piece;
            std::size_t from = 0;
            for (std::size_t end = rest.find('\n'); end != std::string::npos;
                 end = rest.find('\n', from)) {
                take(std::string_view(rest).substr(from, end - from));
                from = end + 1;
            }
            rest.erase(0, from);
        }
        if (!rest.empty()) take(rest);
        if (sqlite::ends_statement(statement_)) run();
        if (!blank(statement_) || !database_.autocommit())
            throw refusal("ends in the middle: it was cut when it was written or copied");
    }

  private:
    void take(std::string_view line) {
        ++line_;
        if (statement_.empty()) {
            if (blank(line) || line.starts_with("--")) return;
            if (begins_with_rollback(line))
                throw refusal("ends in ROLLBACK: the database that it was taken of was damaged");
            began_ = line_;
        }
        statement_ += line;
        statement_ += '\n';
        const std::size_t last = line.find_last_not_of(" \t\r");
        const bool may_end = last != std::string_view::npos && line[last] == ';';
        if (may_end && sqlite::ends_statement(statement_)) run();
        if (line_ % kToldEvery != 0) return;
        job_.check_stop();
        job_.progress(static_cast<std::int64_t>(line_), 0, "lines loaded");
    }

    void run() {
        try {
            database_.exec(statement_);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::Interrupted || error.code() == ErrorCode::File) throw;
            throw refusal("line " + std::to_string(began_) + ": " + error.message());
        }
        statement_.clear();
    }

    [[nodiscard]] Error refusal(const std::string& what) const {
        return {ErrorCode::Check, "the dump " + dump_ + " " + what,
                "nothing was replaced: take another dump or backup"};
    }

    Job& job_;
    const std::string& dump_;
    PlainReader reader_;
    sqlite::Connection& database_;
    std::string statement_;
    std::size_t line_ = 0;
    std::size_t began_ = 0;
};

}  // namespace

void load_dump(Job& job, const std::string& dump, const std::string& to) {
    job.files.write(to, "");
    sqlite::Connection database(to, {});
    database.set_stop(job.must_stop);
    // An attempt that is cut begins anew, so nothing need be durable before the end.
    database.exec("pragma synchronous = off; pragma journal_mode = memory");
    database.set_authorizer([](sqlite::Action action, std::string_view, const char*) {
        return action != sqlite::Action::Attach && action != sqlite::Action::Detach;
    });
    Loader(job, dump, database).load();
}

}  // namespace drydock::backup
