// db check and db prepare: one SQLite database, looked at and made ready.

#include "engine/cli/assemble.h"
#include "engine/cli/commands.h"
#include "engine/cli/text.h"
#include "engine/inspect/health.h"
#include "engine/journal/open.h"
#include "engine/runbook/rules.h"
#include "engine/sql/open.h"
#include "engine/sql/receipt.h"

namespace drydock::cli {
namespace {

constexpr Microseconds kPatience{5'000'000};

std::string holders_text(const std::vector<os::Holder>& holders) {
    std::string text;
    for (const os::Holder& holder : holders) {
        text += (text.empty() ? "" : ", ") + holder.command + " (pid " +
                std::to_string(holder.pid) + ", " + holder.user + ")";
    }
    return text;
}

// The word that scripts ask for, and the exit status that goes with it.
struct Verdict {
    const char* word;
    int exit;
};
Verdict verdict_of(const inspect::Looking& looking, const inspect::Health& health) {
    if (!health.damage.empty()) return {"damaged", exit_status(ErrorCode::Integrity)};
    if (!health.orphans.empty()) return {"orphans", exit_status(ErrorCode::Check)};
    if (looking.file().bytes == 0) return {"empty", exit_status(ErrorCode::Check)};
    return {"whole", 0};
}

Value::Map to_map(const inspect::Looking& looking, const inspect::Health& health,
                  const Verdict& verdict) {
    Value::List orphans, tables, holders;
    for (const inspect::Orphans& one : health.orphans)
        orphans.emplace_back(
            Value::Map{{"table", one.table}, {"parent", one.parent}, {"rows", one.rows}});
    for (const inspect::TableRows& one : health.tables)
        tables.emplace_back(Value::Map{{"table", one.table}, {"rows", one.rows}});
    for (const os::Holder& one : health.holders)
        holders.emplace_back(
            Value::Map{{"pid", one.pid}, {"command", one.command}, {"user", one.user}});
    return {{"database", looking.path()},
            {"verdict", verdict.word},
            {"bytes", looking.file().bytes},
            {"wal_bytes", looking.file().wal_bytes},
            {"journal_mode", health.journal_mode},
            {"page_bytes", health.page_bytes},
            {"pages", health.pages},
            {"user_version", health.user_version},
            {"receipts", health.has_receipts},
            {"damage", Value::List(health.damage.begin(), health.damage.end())},
            {"orphans", std::move(orphans)},
            {"tables", std::move(tables)},
            {"open_in", std::move(holders)}};
}

void print_damage(Output& output, const inspect::Looking& looking, const inspect::Health& health) {
    for (const std::string& line : health.damage) output.line("  " + line);
    if (health.damage.size() >= 100) output.line("  … and perhaps more: the first 100 are listed");
    output.line("hint: change nothing in this file: drydock run sqlite-recovery");
    output.line("      -p database=" + looking.path() + " keeps a copy, salvages what reads,");
    output.line("      and compares it with the last backup");
}

void print_orphans(Output& output, const inspect::Health& health) {
    for (const inspect::Orphans& one : health.orphans) {
        output.line("  " + grouped(one.rows) + (one.rows == 1 ? " row of " : " rows of ") +
                    one.table + (one.rows == 1 ? " points" : " point") + " to no row of " +
                    one.parent);
    }
    output.line("hint: repair these rows before anything is built on them");
}

void print(Output& output, const inspect::Looking& looking, const inspect::Health& health,
           const Verdict& verdict) {
    const Style style = verdict.exit == 0 ? Style::Green : Style::Red;
    std::string head = output.styled(style, verdict.word) + "  " + looking.path() + "  " +
                       amount(looking.file().bytes);
    if (looking.file().wal_bytes > 0) head += " + " + amount(looking.file().wal_bytes) + " log";
    head += "  " + health.journal_mode + ", " + grouped(health.pages) + " pages of " +
            amount(health.page_bytes);
    output.line(head);
    if (!health.holders.empty()) output.line("  open in " + holders_text(health.holders));
    if (!health.damage.empty()) return print_damage(output, looking, health);
    if (!health.orphans.empty()) print_orphans(output, health);
    if (looking.file().bytes == 0)
        output.line(
            "hint: the file is empty: look at the path, or let the application make its "
            "tables");
    Table table{.head = {"table", "rows"}, .rows = {}, .flexible = 0};
    for (const inspect::TableRows& one : health.tables)
        table.rows.push_back({one.table, grouped(one.rows)});
    if (table.rows.empty()) return;
    for (const std::string& line : lines_of(table, output.width() - 2)) output.line("  " + line);
}

// A step's writes and their receipt commit together, so the table must be in the same file.
bool make_receipts(const std::string& path) {
    const auto database = sql::open_sqlite({.path = path, .busy_timeout = kPatience});
    if (sql::has_receipts(*database)) return false;
    sql::prepare_receipts(*database);
    return true;
}

}  // namespace

int db_check_command(Assembly& assembly, const Arguments& arguments) {
    inspect::Looking looking(arguments.subjects.front(), kPatience);
    const inspect::Health health =
        inspect::look_at_health(looking, {.quick = arguments.quick_check});
    const Verdict verdict = verdict_of(looking, health);
    if (assembly.output().json())
        assembly.output().json_line(to_map(looking, health, verdict));
    else
        print(assembly.output(), looking, health, verdict);
    return verdict.exit;
}

int db_prepare_command(Assembly& assembly, const Arguments& arguments) {
    const std::string& path = arguments.subjects.front();
    runbook::refuse_journal_as_target(path, path, journal::path_of(assembly.journal_place()));
    // First as a reader: what is no database, damaged or empty stays as it is.
    const inspect::FileFacts file = inspect::Looking(path, kPatience).file();
    if (file.bytes == 0) {
        throw Error(ErrorCode::Check, path + " is empty: nothing was written into it",
                    "let the application make its tables first, or look at the path");
    }
    bool made = false;
    try {
        made = make_receipts(path);
    } catch (const Error& error) {
        throw inspect::with_evidence(path, file, error);
    }
    Output& output = assembly.output();
    if (output.json()) {
        output.json_line(
            Value::Map{{"database", path}, {"table", "drydock_receipts"}, {"made", made}});
    } else {
        output.line(made ? "made the table drydock_receipts in " + path
                         : "nothing to do: " + path + " has the table drydock_receipts");
    }
    return 0;
}

}  // namespace drydock::cli
