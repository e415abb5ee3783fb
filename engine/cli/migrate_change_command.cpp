// migrate force, baseline, adopt, repair, prerequisites: runs of the shipped runbooks
// `migrate-history` and `migrate-history-sqlite`. Those that write the histories show first what
// they would write, and want --yes.

#include <algorithm>

#include "engine/cli/commands.h"
#include "engine/cli/migrate_place.h"
#include "engine/cli/text.h"
#include "engine/cli/unfinished_text.h"
#include "engine/migrate/beside.h"
#include "engine/migrate/history_change.h"

namespace drydock::cli {
namespace {

using migrate::HistoryChange;
using migrate::HistoryItem;
using migrate::HistoryPlan;
using migrate::Standing;
using Kind = HistoryChange::Kind;

int run_change(Assembly& assembly, const Arguments& arguments, const std::string& change,
               const std::string& version) {
    Arguments run = migration_run(assembly, arguments, "migrate-history");
    run.params.push_back("change=" + change);
    if (!version.empty()) run.params.push_back("version=" + version);
    if (!arguments.reason.empty()) run.params.push_back("reason=" + arguments.reason);
    return run_command(assembly, run);
}

std::string name_of(const HistoryItem& item) {
    return migrate::called(item.migration->version.text, item.migration->name);
}

// What is applied with its file, without one, and what is not: beside each other.
void print_columns(Output& output, const migrate::State& state) {
    std::vector<std::vector<std::string>> columns(3);
    for (const Standing& one : state.standings) {
        const bool applied = state.is_applied(one.key);
        const std::size_t at = !applied ? 2 : one.migration != nullptr ? 0 : 1;
        columns[at].push_back(migrate::called(one.version.empty() ? one.key : one.version,
                                              one.name));
    }
    Table table{.head = {"applied with file", "applied without file", "not applied"}, .rows = {}};
    const std::size_t longest =
        std::ranges::max(columns, {}, &std::vector<std::string>::size).size();
    for (std::size_t i = 0; i < longest; ++i) {
        auto& row = table.rows.emplace_back();
        for (const auto& column : columns) row.push_back(i < column.size() ? column[i] : "");
    }
    for (const std::string& line : lines_of(table, output.width())) output.line(line);
}

void print(Output& output, const HistoryPlan& plan, const MigratePlace& place,
           const std::optional<migrate::Unfinished>& unfinished) {
    if (plan.change.kind == Kind::Adopt) return print_columns(output, place.state());
    if (unfinished) print_unfinished(output, *unfinished);
    for (const HistoryItem& item : plan.items) {
        const bool writes = item.does != HistoryItem::Does::Nothing;
        const bool told = item.does == HistoryItem::Does::Unmark ||
                          (!writes && unfinished && unfinished->key == item.migration->key);
        output.line("  " + output.styled(writes ? Style::Yellow : Style::Plain, name_of(item)) +
                    "  " + std::string(word_for(item.does)));
        if (told) continue;
        for (const std::string& line : wrapped("    ", item.why, output.width()))
            output.line(line);
    }
}

void print_json(Output& output, const HistoryPlan& plan, const MigratePlace& place,
                const std::optional<migrate::Unfinished>& unfinished) {
    Value::List items;
    for (const HistoryItem& item : plan.items) items.emplace_back(migrate::to_map(item));
    output.json_line(Value::Map{{"change", migrate::change_name(plan.change.kind)},
                                {"history", place.state().history},
                                {"writes", plan.writes()},
                                {"begun", to_value(unfinished)},
                                {"items", std::move(items)}});
}

std::string question(const HistoryPlan& plan, const MigratePlace& place) {
    const auto rows = std::ranges::count_if(plan.items, [](const HistoryItem& item) {
        return item.does != HistoryItem::Does::Nothing;
    });
    return "this writes " + std::to_string(rows) + (rows == 1 ? " row" : " rows") + " of " +
           place.state().history + " and of Drydock's records, and runs nothing";
}

// True: do it. Throws Error{Refused} when nobody agrees.
bool show(Assembly& assembly, const Arguments& arguments, const HistoryChange& change) {
    MigratePlace place(assembly, arguments);
    const auto unfinished = look_at_unfinished(place.database(), place.state(), place.folder());
    if (change.kind == Kind::Adopt) refuse_without_table(place.database(), place.state());
    HistoryChange wanted = change;
    const bool looks_only = change.kind == Kind::Repair && !arguments.yes && change.reason.empty();
    if (looks_only) wanted.reason = "to look";
    const HistoryPlan plan = plan_change(place.state(), place.folder(), wanted, unfinished);
    Output& output = assembly.output();
    if (arguments.yes && plan.writes()) return true;
    if (output.json())
        print_json(output, plan, place, unfinished);
    else
        print(output, plan, place, unfinished);
    if (!plan.writes()) {
        if (!output.json()) output.line("there is nothing to write");
        return false;
    }
    const std::string what = question(plan, place);
    if (looks_only) throw Error(ErrorCode::Refused, what, "say --yes --reason TEXT to do it");
    const bool agreed = output.can_ask() && output.ask(what + ". Do it? [y/N] ") == "y";
    if (!agreed) throw Error(ErrorCode::Refused, what, "say --yes to do it");
    return true;
}

int change(Assembly& assembly, const Arguments& arguments, Kind kind, const std::string& version) {
    const bool goes_on = show(assembly, arguments,
                              {.kind = kind, .version = version, .reason = arguments.reason});
    if (!goes_on) return 0;
    return run_change(assembly, arguments, std::string(change_name(kind)), version);
}

// Which version it says nobody knows before it has run.
void show_baseline_file(Assembly& assembly, const Arguments& arguments) {
    if (arguments.yes) return;
    MigratePlace place(assembly, arguments);
    migrate::ReadOptions how;
    how.dialect = place.database().dialect();
    const auto file = read_beside(place.folder(), migrate::kBaselineFile, how);
    if (!file) {
        throw Error(ErrorCode::Usage, "baseline wants a version",
                    "as in a file's name; without one a baseline.sql beside the migrations is "
                    "run, and there is none");
    }
    throw Error(ErrorCode::Refused,
                "this runs " + file->name + " (" + std::to_string(file->up.statements.size()) +
                    " statements) and records what " + place.state().history +
                    " then says as the baseline",
                "say --yes to do it");
}

}  // namespace

int migrate_force_command(Assembly& assembly, const Arguments& arguments) {
    return change(assembly, arguments, Kind::Force, arguments.subjects.front());
}

int migrate_baseline_command(Assembly& assembly, const Arguments& arguments) {
    if (!arguments.subjects.empty())
        return change(assembly, arguments, Kind::Baseline, arguments.subjects.front());
    show_baseline_file(assembly, arguments);
    return run_change(assembly, arguments, "baseline", "");
}

int migrate_adopt_command(Assembly& assembly, const Arguments& arguments) {
    return change(assembly, arguments, Kind::Adopt, "");
}

int migrate_repair_command(Assembly& assembly, const Arguments& arguments) {
    return change(assembly, arguments, Kind::Repair, "");
}

int migrate_prerequisites_command(Assembly& assembly, const Arguments& arguments) {
    const MigratePlace place(assembly, arguments);
    const auto& beside = place.folder().beside;
    if (std::ranges::find(beside, migrate::kPrerequisites) == beside.end())
        throw migrate::no_prerequisites(place.folder());
    return run_change(assembly, arguments, "prerequisites", "");
}

}  // namespace drydock::cli
