#include "engine/migrate/pieces.h"

#include <algorithm>
#include <cctype>

#include "engine/sql/statement_class.h"

namespace drydock::migrate {
namespace {

using sql::InTransaction;
using sql::Token;

constexpr std::size_t kShownStatement = 80;

enum class Control : std::uint8_t { None, Begin, Commit, Mark, RollBack };

Control control_of(const std::vector<Token>& tokens) {
    if (!sql::controls_transaction(tokens)) return Control::None;
    const Token& first = tokens.front();
    if (first.is("begin") || first.is("start")) return Control::Begin;
    if (first.is("commit") || first.is("end")) return Control::Commit;
    if (first.is("savepoint") || first.is("release")) return Control::Mark;
    // ROLLBACK [WORK | TRANSACTION] TO goes back to a mark only.
    for (std::size_t i = 1; i < tokens.size() && i < 3; ++i) {
        if (tokens[i].is("to")) return Control::Mark;
    }
    return Control::RollBack;
}

// COPY … TO STDOUT.
bool copies_out(const std::vector<Token>& tokens) {
    if (!tokens.front().is("copy")) return false;
    const auto to = std::ranges::find_if(tokens, [](const Token& one) { return one.is("to"); });
    return to != tokens.end() && to + 1 != tokens.end() && (to + 1)->is("stdout");
}

// A procedure, or a block, that may end transactions by itself: it runs outside of one only.
bool commits_itself(const Statement& statement) {
    const Token& first = statement.tokens.front();
    if (first.is("call")) return true;
    if (!first.is("do")) return false;
    std::string text(statement.text);
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text.find("commit") != std::string::npos || text.find("rollback") != std::string::npos;
}

// Walks over a script and cuts it.
class Cutter {
  public:
    Cutter(const Script& script, sql::Dialect dialect) : script_(script), dialect_(dialect) {}

    std::vector<Piece> operator()() {
        for (std::size_t i = 0; i < script_.statements.size(); ++i) take(i);
        if (open_)
            refuse(*open_, "BEGIN without its COMMIT", "write the COMMIT, or leave both out");
        end_piece();
        if (role_ && pieces_.size() > 1)
            refuse(*role_, "another role in a migration that is more than one transaction",
                   "connect as that role instead");
        return std::move(pieces_);
    }

  private:
    void take(std::size_t index) {
        const Statement& statement = script_.statements[index];
        switch (control_of(statement.tokens)) {
            case Control::Begin:
                if (open_) refuse(index, "BEGIN within a transaction", "end that one first");
                end_piece();
                open_ = index;
                return;
            case Control::Commit:
                if (!open_) refuse(index, "COMMIT without its BEGIN", "leave it out");
                open_.reset();
                end_piece();
                return;
            case Control::RollBack:
                // Behind a COMMIT some teams end so, for what failed: PostgreSQL warns at most.
                if (!open_ && current_.statements.empty() && dialect_ == sql::Dialect::Postgres)
                    return;
                refuse(index,
                       statement.tokens.front().is("prepare")
                           ? "PREPARE TRANSACTION leaves it to somebody else whether it commits"
                           : "a migration that rolls itself back",
                       "leave that out");
            case Control::Mark:
            case Control::None: add(index, statement);
        }
    }

    void add(std::size_t index, const Statement& statement) {
        refuse_what_ends_session(index, statement);
        if (copies_out(statement.tokens) && dialect_ == sql::Dialect::Postgres)
            refuse(index, "COPY TO STDOUT sends rows to whoever runs this, and nobody takes them",
                   "leave it out; a runbook takes them by :copy_out");
        if (takes_on_role(statement) && !role_) role_ = index;
        const InTransaction kind = sql::in_transaction(statement.tokens, dialect_);
        if (kind == InTransaction::Ignored) return;
        const bool alone = kind == InTransaction::Refused ||
                           (!script_.in_transaction && !open_ && commits_itself(statement));
        if (alone && open_)
            refuse(index, "the database does not run this within a transaction",
                   "take it out of BEGIN and COMMIT");
        if (alone) end_piece();
        current_.statements.push_back(index);
        current_.alone = alone;
        // A script without a transaction of its own commits each statement.
        if (alone || (!script_.in_transaction && !open_)) end_piece();
    }

    void refuse_what_ends_session(std::size_t index, const Statement& statement) const {
        const auto& tokens = statement.tokens;
        const bool all = tokens.front().is("discard") && tokens.size() > 1 && tokens[1].is("all");
        if (all && dialect_ == sql::Dialect::Postgres)
            refuse(index, "DISCARD ALL would let go of the lock under which this runs",
                   "leave it out: the session is put back after each migration");
    }

    void end_piece() {
        if (!current_.statements.empty()) pieces_.push_back(std::move(current_));
        current_ = {};
    }

    [[noreturn]] void refuse(std::size_t index, const std::string& why,
                             const std::string& hint) const {
        throw Error(ErrorCode::Document,
                    place_of(script_, script_.statements[index], 0) + ": " + why, hint);
    }

    const Script& script_;
    sql::Dialect dialect_;
    std::vector<Piece> pieces_;
    Piece current_;
    std::optional<std::size_t> open_;
    std::optional<std::size_t> role_;
};

}  // namespace

std::vector<Piece> pieces_of(const Script& script, sql::Dialect dialect) {
    return Cutter(script, dialect)();
}

bool takes_on_role(const Statement& statement) {
    const auto& tokens = statement.tokens;
    const auto has = [&](std::size_t i, std::string_view word) {
        return tokens.size() > i && tokens[i].is(word);
    };
    if (!has(0, "set") && !has(0, "reset")) return false;
    const std::size_t next = has(1, "local") || (has(1, "session") && has(2, "role")) ? 2 : 1;
    return has(next, "role") || (has(next, "session") && has(next + 1, "authorization"));
}

std::string beginning_of(std::string_view statement) {
    std::string line(statement.substr(0, statement.find('\n')));
    if (line.size() > kShownStatement) {
        std::size_t end = kShownStatement;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
        line.resize(end);
    }
    return line.size() < statement.size() ? line + " …" : line;
}

std::string place_of(const Script& script, const Statement& statement, std::size_t position) {
    // Where variables were replaced, only the statement's own place is that of the file.
    const bool exact = position > 0 && script.replaced == nullptr;
    const runbook::Place place =
        exact ? script.file->place_of(statement.offset + position - 1) : statement.place;
    return script.file->path + ":" + std::to_string(place.line) + ":" +
           std::to_string(place.column);
}

Error placed(const Error& error, const Script& script, const Statement& statement) {
    return Error(error.code(), error.message() + ", in: " + beginning_of(statement.text),
                 error.hint(), error.code_text())
        .in(place_of(script, statement, error.position()));
}

}  // namespace drydock::migrate
