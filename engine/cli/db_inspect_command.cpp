// db inspect: where the room of a database goes, which indexes cost more than they give, and which
// statements read more than they need.

#include <algorithm>
#include <iostream>
#include <iterator>

#include "engine/cli/assemble.h"
#include "engine/cli/commands.h"
#include "engine/cli/text.h"
#include "engine/inspect/health.h"
#include "engine/inspect/indexes.h"
#include "engine/inspect/plans.h"
#include "engine/inspect/sizes.h"
#include "engine/runbook/read.h"

namespace drydock::cli {
namespace {

constexpr Microseconds kPatience{5'000'000};
constexpr std::size_t kLargestText = 4 << 20;

struct Inspected {
    inspect::Sizes sizes;
    std::vector<inspect::IndexFacts> indexes;
    std::vector<inspect::IndexFinding> findings;
    std::vector<inspect::StatementPlan> plans;
    std::vector<inspect::IndexFacts> unused;  // by the statements; empty when none were given
};

std::string statements_of(const std::string& file) {
    if (file != "-") return runbook::read_whole_file(file, kLargestText);
    return {std::istreambuf_iterator<char>(std::cin), {}};
}

Inspected inspect_all(inspect::Looking& looking, const Arguments& arguments) {
    Inspected all{.sizes = inspect::look_at_sizes(looking),
                  .indexes = inspect::indexes_of(looking),
                  .findings = {},
                  .plans = {},
                  .unused = {}};
    all.findings = inspect::judge(looking, all.indexes);
    if (arguments.sql_file.empty()) return all;
    all.plans = inspect::plans_of(looking, statements_of(arguments.sql_file));
    all.unused = inspect::unused(all.indexes, all.plans);
    return all;
}

// --- JSON ----------------------------------------------------------------------------------------

Value::List sizes_list(const inspect::Sizes& sizes) {
    Value::List list;
    for (const inspect::TreeSize& tree : sizes.trees) {
        list.emplace_back(Value::Map{{"name", tree.name},
                                     {"table", tree.table},
                                     {"index", tree.is_index},
                                     {"bytes", tree.bytes},
                                     {"unused_bytes", tree.unused_bytes},
                                     {"pages", tree.pages},
                                     {"jumps", tree.jumps}});
    }
    return list;
}

Value::List plans_list(const std::vector<inspect::StatementPlan>& plans) {
    Value::List list;
    for (const inspect::StatementPlan& plan : plans) {
        Value::List findings;
        for (const inspect::PlanFinding& one : plan.findings) {
            findings.emplace_back(Value::Map{{"kind", inspect::kind_name(one.kind)},
                                             {"table", one.table},
                                             {"rows", one.rows},
                                             {"what", one.what}});
        }
        list.emplace_back(Value::Map{{"line", plan.line},
                                     {"sql", plan.sql},
                                     {"query", plan.is_query},
                                     {"problem", plan.problem},
                                     {"steps", Value::List(plan.steps.begin(), plan.steps.end())},
                                     {"findings", std::move(findings)}});
    }
    return list;
}

Value::Map to_map(const inspect::Looking& looking, const Inspected& all, bool with_statements) {
    Value::List findings, unused;
    for (const inspect::IndexFinding& one : all.findings) {
        findings.emplace_back(Value::Map{{"kind", inspect::kind_name(one.kind)},
                                         {"table", one.table},
                                         {"index", one.index},
                                         {"what", one.what}});
    }
    for (const inspect::IndexFacts& one : all.unused) unused.emplace_back(one.name);
    Value::Map map{{"database", looking.path()},
                   {"bytes", looking.file().bytes},
                   {"wal_bytes", looking.file().wal_bytes},
                   {"page_bytes", all.sizes.page_bytes},
                   {"pages", all.sizes.pages},
                   {"free_pages", all.sizes.free_pages},
                   {"free_bytes", all.sizes.free_pages * all.sizes.page_bytes},
                   {"per_tree", all.sizes.per_tree},
                   {"trees", sizes_list(all.sizes)},
                   {"findings", std::move(findings)}};
    if (with_statements) {
        map.emplace("statements", plans_list(all.plans));
        map.emplace("unused_indexes", std::move(unused));
    }
    return map;
}

// --- text ----------------------------------------------------------------------------------------

std::string percent(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? "0 %" : std::to_string((100 * part + whole / 2) / whole) + " %";
}

void print_wrapped(Output& output, const std::string& first, const std::string& text) {
    std::string line = first;
    std::string rest = text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::string word = rest.substr(0, end);
        rest.erase(0, std::min(end + 1, rest.size()));
        if (columns(line) + 1 + columns(word) > output.width() && line != first) {
            output.line(line);
            line = std::string(columns(first) + 1, ' ');
        }
        line += (line.ends_with(' ') ? "" : " ") + word;
    }
    output.line(line);
}

void print_sizes(Output& output, const inspect::Looking& looking, const inspect::Sizes& sizes) {
    std::string head =
        output.styled(Style::Bold, looking.path()) + "  " + amount(looking.file().bytes);
    if (looking.file().wal_bytes > 0) head += " + " + amount(looking.file().wal_bytes) + " log";
    output.line(head + "  " + grouped(sizes.pages) + " pages of " + amount(sizes.page_bytes) +
                ", " + grouped(sizes.free_pages) + " free (" +
                percent(sizes.free_pages, sizes.pages) + ")");
    if (!sizes.per_tree) {
        output.line("  this SQLite cannot tell the sizes of tables (built without dbstat)");
        return;
    }
    Table table{.head = {"table or index", "of", "size", "share", "unused", "scattered"},
                .rows = {},
                .flexible = 0};
    const std::int64_t used = (sizes.pages - sizes.free_pages) * sizes.page_bytes;
    for (const inspect::TreeSize& tree : sizes.trees) {
        table.rows.push_back({tree.name, tree.is_index ? tree.table : "", amount(tree.bytes),
                              percent(tree.bytes, used), percent(tree.unused_bytes, tree.bytes),
                              percent(tree.jumps, tree.pages)});
    }
    for (const std::string& line : lines_of(table, output.width() - 2)) output.line("  " + line);
}

void print_plans(Output& output, const Inspected& all) {
    for (const inspect::StatementPlan& plan : all.plans) {
        const bool fine = plan.findings.empty() && plan.problem.empty();
        if (fine && output.verbose() == 0) continue;
        const std::string place = "line " + std::to_string(plan.line) + "  ";
        output.line(output.styled(Style::Bold, fitted(place + plan.sql, output.width())));
        if (!plan.problem.empty()) print_wrapped(output, "  !", plan.problem);
        for (const inspect::PlanFinding& one : plan.findings) {
            const bool counted = !one.table.empty();
            print_wrapped(output, "  –",
                          one.what + (counted ? " (" + grouped(one.rows) + " rows)" : ""));
        }
        if (output.verbose() == 0) continue;
        for (const std::string& step : plan.steps)
            output.line(output.styled(Style::Dim, fitted("    " + step, output.width())));
    }
    const auto queries = std::ranges::count_if(all.plans, &inspect::StatementPlan::is_query);
    const auto slow = std::ranges::count_if(
        all.plans, [](const inspect::StatementPlan& plan) { return !plan.findings.empty(); });
    output.line("statements: " + grouped(queries) + " with a plan, " + grouped(slow) +
                " of them slower as their tables grow");
    for (const inspect::IndexFacts& index : all.unused)
        print_wrapped(output, "  –",
                      index.name + " of " + index.table + " is used by none of these statements");
}

void print(Output& output, const inspect::Looking& looking, const Inspected& all,
           bool with_statements) {
    print_sizes(output, looking, all.sizes);
    output.line(all.findings.empty()
                    ? "indexes: nothing to remark"
                    : "indexes: " + std::to_string(all.findings.size()) +
                          (all.findings.size() == 1 ? " remark" : " remarks"));
    for (const inspect::IndexFinding& one : all.findings) print_wrapped(output, "  –", one.what);
    if (with_statements) print_plans(output, all);
}

}  // namespace

int db_inspect_command(Assembly& assembly, const Arguments& arguments) {
    const bool with_statements = !arguments.sql_file.empty();
    inspect::Looking looking(arguments.subjects.front(), kPatience);
    Inspected all;
    try {
        all = inspect_all(looking, arguments);
    } catch (const Error& error) {
        throw inspect::with_evidence(looking.path(), looking.file(), error);
    }
    if (assembly.output().json())
        assembly.output().json_line(to_map(looking, all, with_statements));
    else
        print(assembly.output(), looking, all, with_statements);
    const bool broken = std::ranges::any_of(
        all.plans, [](const inspect::StatementPlan& plan) { return !plan.problem.empty(); });
    return broken ? exit_status(ErrorCode::Check) : 0;
}

}  // namespace drydock::cli
