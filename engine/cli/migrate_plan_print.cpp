#include "engine/cli/migrate_plan_print.h"

#include "engine/cli/text.h"

namespace drydock::cli {
namespace {

using migrate::Cost;
using migrate::Reverse;

constexpr std::size_t kShownDigest = 16;

// " (1,200 rows, 96 KiB)"; empty where it is not known.
std::string size_of(const migrate::Surroundings& surroundings, const std::string& table) {
    const auto found = surroundings.sizes.find(table);
    if (found == surroundings.sizes.end()) return {};
    const bool counted = found->second.rows >= 0;
    return " (" + (counted ? grouped(found->second.rows) + " rows, " : std::string()) +
           amount(found->second.bytes) + ")";
}

std::string_view word_for(Cost cost) {
    switch (cost) {
        case Cost::None: return "";
        case Cost::Scan: return "scan";
        case Cost::Rewrite: return "rewrite";
    }
    return "";
}

std::string_view word_for(Reverse reverse) {
    switch (reverse) {
        case Reverse::Script: return "script";
        case Reverse::Empty: return "empty";
        case Reverse::Missing: return "missing";
        case Reverse::Irreversible: return "irreversible";
    }
    return "";
}

class Printer {
  public:
    Printer(Output& output, const ShownPlan& shown) : output_(output), shown_(shown) {}

    void operator()() {
        if (const std::int64_t bytes = shown_.surroundings.file_bytes; bytes > 0)
            output_.line("each transaction locks the whole file (" + amount(bytes) +
                         ") for other writers");
        for (const migrate::PlannedMigration& one : shown_.plan.migrations) print(one);
        for (const migrate::Blocker& one : shown_.blockers) print(one);
        output_.line("plan " + output_.styled(Style::Bold,
                                              shown_.plan.digest.substr(0, kShownDigest)));
    }

  private:
    void print(const migrate::PlannedMigration& one) {
        const bool up = one.way == migrate::Passage::Way::Up;
        output_.line(std::string(up ? "up    " : "down  ") +
                     output_.styled(Style::Bold, one.file));
        if (one.pieces.empty())
            output_.line(output_.styled(Style::Yellow, "  there is no statement in it"));
        for (const migrate::PlannedPiece& piece : one.pieces) {
            output_.line(piece.alone ? "  outside of a transaction" : "  one transaction");
            for (const migrate::PlannedStatement& statement : piece.statements) print(statement);
        }
        if (up) print_way_back(*one.migration);
    }

    void print_way_back(const migrate::Migration& one) {
        // A repeatable one is applied anew, and has none by its nature.
        if (one.kind == migrate::Migration::Kind::Repeatable) return;
        if (one.reverse == Reverse::Missing)
            output_.line(output_.styled(Style::Yellow, "  there is no way back"));
        if (one.reverse == Reverse::Irreversible)
            put("  ", "cannot be taken back: " + one.irreversible_reason, Style::Yellow);
    }

    void print(const migrate::PlannedStatement& one) {
        std::string line = std::to_string(one.place.line);
        line.insert(0, 6 - std::min<std::size_t>(line.size(), 6), ' ');
        output_.line(line + "  " + fitted(one.does, output_.width() - 8));
        for (const migrate::TableLock& lock : one.locks) {
            const std::string_view stops = migrate::felt(lock.mode);
            const std::string on =
                lock.table.empty() ? "the table of index " + lock.index : lock.table;
            put("        ",
                std::string(name_of(lock.mode)) + " on " + on +
                    size_of(shown_.surroundings, lock.table) +
                    (stops.empty() ? "" : ": " + std::string(stops)),
                lock.mode == migrate::LockMode::AccessExclusive ? Style::Yellow : Style::Plain);
        }
        if (one.cost == Cost::None) return;
        const std::string of =
            one.of.empty() ? std::string() : " of " + one.of + size_of(shown_.surroundings, one.of);
        put("        ",
            "all rows" + of + (one.cost == Cost::Scan ? " are read" : " are written anew"),
            one.cost == Cost::Scan ? Style::Plain : Style::Yellow);
    }

    void print(const migrate::Blocker& one) {
        std::string who = "pid " + std::to_string(one.pid) + " (" + one.user +
                          (one.application.empty() ? "" : ", " + one.application) +
                          (one.state.empty() ? ""
                                             : ", " + one.state + " for " +
                                                   span(one.seconds * 1'000'000)) +
                          ")";
        put("", "in the way now: " + who + " holds " + std::string(name_of(one.held)) + " on " +
                    one.table,
            Style::Red);
        put("  ", one.file + ":" + std::to_string(one.place.line) + " waits for it" +
                      (one.query.empty() ? "" : ": " + one.query),
            Style::Plain);
    }

    void put(std::string_view lead, std::string_view text, Style style) {
        output_.line(std::string(lead) +
                     output_.styled(style, fitted(text, output_.width() - lead.size())));
    }

    Output& output_;
    const ShownPlan& shown_;
};

Value::Map to_map(const migrate::TableLock& lock, const migrate::Surroundings& surroundings) {
    Value::Map map{{"mode", name_of(lock.mode)},
                   {"table", lock.table},
                   {"stops", migrate::felt(lock.mode)}};
    if (!lock.index.empty()) map.emplace("index", lock.index);
    if (const auto size = surroundings.sizes.find(lock.table); size != surroundings.sizes.end()) {
        map.emplace("rows", size->second.rows < 0 ? Value() : Value(size->second.rows));
        map.emplace("bytes", size->second.bytes);
    }
    return map;
}

Value::Map to_map(const migrate::PlannedStatement& one,
                  const migrate::Surroundings& surroundings) {
    Value::List locks;
    for (const migrate::TableLock& lock : one.locks) locks.emplace_back(to_map(lock, surroundings));
    return {{"line", static_cast<std::int64_t>(one.place.line)},
            {"column", static_cast<std::int64_t>(one.place.column)},
            {"does", one.does},
            {"locks", std::move(locks)},
            {"cost", word_for(one.cost)},
            {"of", one.of}};
}

Value::Map to_map(const migrate::PlannedMigration& one,
                  const migrate::Surroundings& surroundings) {
    Value::List pieces;
    for (const migrate::PlannedPiece& piece : one.pieces) {
        Value::List statements;
        for (const migrate::PlannedStatement& statement : piece.statements)
            statements.emplace_back(to_map(statement, surroundings));
        pieces.emplace_back(Value::Map{{"transaction", !piece.alone},
                                       {"statements", std::move(statements)}});
    }
    return {{"version", one.migration->version.text},
            {"name", one.migration->name},
            {"file", one.file},
            {"way", one.way == migrate::Passage::Way::Up ? "up" : "down"},
            {"way_back", word_for(one.migration->reverse)},
            {"irreversible_reason", one.migration->irreversible_reason},
            {"pieces", std::move(pieces)}};
}

Value::Map to_map(const migrate::Blocker& one) {
    return {{"file", one.file},
            {"line", static_cast<std::int64_t>(one.place.line)},
            {"table", one.table},
            {"wanted", name_of(one.wanted)},
            {"held", name_of(one.held)},
            {"pid", one.pid},
            {"user", one.user},
            {"application", one.application},
            {"state", one.state},
            {"seconds", one.seconds},
            {"query", one.query}};
}

}  // namespace

void print(Output& output, const ShownPlan& shown) { Printer(output, shown)(); }

Value::Map to_map(const ShownPlan& shown) {
    Value::List migrations, blockers;
    for (const migrate::PlannedMigration& one : shown.plan.migrations)
        migrations.emplace_back(to_map(one, shown.surroundings));
    for (const migrate::Blocker& one : shown.blockers) blockers.emplace_back(to_map(one));
    return {{"digest", shown.plan.digest},
            {"file_bytes", shown.surroundings.file_bytes},
            {"migrations", std::move(migrations)},
            {"blockers", std::move(blockers)}};
}

}  // namespace drydock::cli
