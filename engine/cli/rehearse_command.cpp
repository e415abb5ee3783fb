// rehearse: the real steps on copies of the databases, or in transactions that are rolled back.

#include <filesystem>
#include <set>

#include "engine/cli/assemble.h"
#include "engine/cli/commands.h"
#include "engine/cli/find_runbook.h"
#include "engine/cli/text.h"
#include "engine/journal/open.h"
#include "engine/os/process.h"
#include "engine/os/random.h"
#include "engine/rehearse/in_place.h"
#include "engine/rehearse/rehearse.h"
#include "engine/schema/difference.h"

namespace drydock::cli {
namespace {

using rehearse::Rehearsed;
using rehearse::Report;
using rehearse::Unrehearsed;

// The locks of a rehearsal in place are held no longer than that.
constexpr Microseconds kInPlaceLimit{300'000'000};

// The report tells everything at the end; while it runs a person sees which step does.
class QuietObserver final : public execute::RunObserver {
  public:
    explicit QuietObserver(Output& output) : output_(output) {}
    void committed(const run::Event& event, const run::RunState&) override {
        const bool starts = std::holds_alternative<run::StepStarted>(event.payload);
        if (starts && output_.verbose() > 0 && !output_.json()) output_.note(event.scope + " …");
    }
    void log_line(std::string_view, execute::LogLevel, std::string_view) override {}
    void progress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}

  private:
    Output& output_;
};

// The numbers that the runbook's steps have in the plan.
std::map<std::string, std::size_t> numbers(const runbook::Runbook& runbook) {
    std::map<std::string, std::size_t> numbers;
    for (const auto* steps : {&runbook.steps, &runbook.finally}) {
        for (const runbook::Step& step : *steps) numbers.emplace(step.id, numbers.size() + 1);
    }
    return numbers;
}

// --- JSON ----------------------------------------------------------------------------------------

Value::List to_list(const std::vector<Rehearsed>& steps) {
    Value::List list;
    for (const Rehearsed& one : steps) {
        Value::Map map{{"step", one.step},     {"finally", one.finally},
                       {"status", one.status}, {"seconds", static_cast<double>(one.micros) / 1e6},
                       {"rows", one.rows},     {"one_batch", one.one_batch}};
        if (!one.error.empty()) map.emplace("error", one.error);
        if (!one.hint.empty()) map.emplace("hint", one.hint);
        list.emplace_back(std::move(map));
    }
    return list;
}

Value::List to_list(const std::vector<Unrehearsed>& steps) {
    Value::List list;
    for (const Unrehearsed& one : steps)
        list.emplace_back(Value::Map{{"step", one.step}, {"why", one.why}});
    return list;
}

Value::List changes(const rehearse::Moment& before, const rehearse::Moment& after) {
    Value::List list;
    for (const schema::Change& one : schema::difference(before.catalog, after.catalog).changes)
        list.push_back(schema::to_value(one));
    return list;
}

Value::Map to_map(const std::map<std::string, std::int64_t>& rows) {
    Value::Map map;
    for (const auto& [table, count] : rows) map.emplace(table, count);
    return map;
}

Value::Map to_map(const Report& report, const std::string& runbook) {
    Value::List databases;
    for (const rehearse::Changes& one : report.databases) {
        const auto& connections = one.copy.connections;
        Value::Map map{{"database", one.copy.original},
                       {"connections", Value::List(connections.begin(), connections.end())},
                       {"bytes", one.copy.bytes},
                       {"copied_in_seconds", static_cast<double>(one.copy.micros) / 1e6},
                       {"schema", changes(one.before, one.after)},
                       {"rows_before", to_map(one.before.rows)},
                       {"rows_after", to_map(one.after.rows)}};
        map.emplace("in_place", one.copy.live != nullptr);
        map.emplace("locks", Value::List(one.locks.begin(), one.locks.end()));
        if (report.undo_tried) {
            map.emplace("schema_after_undo", changes(one.before, one.undone));
            map.emplace("rows_after_undo", to_map(one.undone.rows));
        }
        databases.emplace_back(std::move(map));
    }
    Value::Map map{{"runbook", runbook},
                   {"failed", report.failed()},
                   {"interrupted", report.interrupted},
                   {"steps", to_list(report.steps)},
                   {"not_rehearsed", to_list(report.left_out)},
                   {"undo", to_list(report.undo)},
                   {"undo_not_rehearsed", to_list(report.undo_left_out)},
                   {"databases", std::move(databases)}};
    if (!report.no_undo.empty()) map.emplace("no_undo", report.no_undo);
    return map;
}

// --- text ----------------------------------------------------------------------------------------

class Printer final {
  public:
    Printer(Output& output, const Report& report, std::map<std::string, std::size_t> numbers)
        : output_(output), report_(report), numbers_(std::move(numbers)) {}

    void print() {
        for (const rehearse::Changes& one : report_.databases) {
            std::string names;
            for (const std::string& name : one.copy.connections)
                names += (names.empty() ? "" : ", ") + name;
            if (one.copy.live != nullptr)
                line("in place " + one.copy.original + " (" + names +
                     "), rolled back; its sequences have moved on");
            else
                line("copy of " + one.copy.original + " (" + names + ", " +
                     amount(one.copy.bytes) + ", in " + span(one.copy.micros) + ")");
        }
        print_steps("step", report_.steps);
        print_left_out("not rehearsed", report_.left_out);
        for (const rehearse::Changes& one : report_.databases) {
            print_changes(one.copy, one.before, one.after, "after");
            for (const std::string& lock : one.locks) line("locked: " + lock);
        }
        print_undo();
        if (report_.interrupted) output_.line("interrupted: this is what was seen until then");
    }

  private:
    void line(const std::string& text) { output_.line("  " + fitted(text, output_.width() - 2)); }

    void print_steps(const std::string& head, const std::vector<Rehearsed>& steps) {
        if (steps.empty()) return;
        Table table{.head = {"#", head, "result", "took", "rows"}, .rows = {}, .flexible = 1};
        for (const Rehearsed& one : steps) {
            const bool ran = one.status != "pending" && one.status != "skipped";
            std::string rows = one.rows > 0 ? grouped(one.rows) : "–";
            if (one.one_batch) rows += " in one batch";
            table.rows.push_back({std::to_string(numbers_.at(one.step)), one.step, one.status,
                                  ran ? span(one.micros) : "", ran ? rows : ""});
        }
        const std::vector<std::string> lines = lines_of(table, output_.width() - 2);
        output_.line("  " + output_.styled(Style::Dim, lines.front()));
        for (std::size_t i = 0; i < steps.size(); ++i) {
            output_.line("  " + lines[i + 1]);
            if (!steps[i].error.empty()) line("   " + output_.styled(Style::Red, steps[i].error));
        }
    }

    void print_left_out(const std::string& head, const std::vector<Unrehearsed>& steps) {
        if (steps.empty()) return;
        output_.line(head);
        for (const Unrehearsed& one : steps)
            line(std::to_string(numbers_.at(one.step)) + "  " + one.step + ": " + one.why);
    }

    void print_changes(const rehearse::Copy& copy, const rehearse::Moment& from,
                       const rehearse::Moment& to, const std::string& when) {
        const schema::Difference difference = schema::difference(from.catalog, to.catalog);
        const std::string name = std::filesystem::path(copy.original).filename();
        output_.line(name + " " + when + ": schema " +
                     (difference.changes.empty() ? "as before" : "changed"));
        for (const std::string& one : schema::lines(difference)) line(one);
        for (const std::string& rows : schema::changed_rows(from.rows, to.rows))
            line("rows of " + rows);
    }

    void print_undo() {
        if (!report_.undo_tried) {
            output_.line("undo: not rehearsed, " + report_.no_undo);
            print_left_out("undo not rehearsed", report_.undo_left_out);
            return;
        }
        print_steps("undo of", report_.undo);
        print_left_out("undo not rehearsed", report_.undo_left_out);
        for (const rehearse::Changes& one : report_.databases)
            print_changes(one.copy, one.before, one.undone, "after undo, compared with before");
    }

    Output& output_;
    const Report& report_;
    std::map<std::string, std::size_t> numbers_;
};

std::unique_ptr<journal::Journal> private_journal(Assembly& assembly, const std::string& folder) {
    return journal::open(
        {.place = folder + "/journal/journal.db",
         .uuid = os::system_random().bytes(16),
         .self = {.host = os::host_name(), .pid = ::getpid(), .since = assembly.now()},
         .now = [&assembly] { return assembly.now(); },
         .on_create = [](const std::string&) {}});
}

// Others wait for the locks that it takes: on production that is said twice.
void require_confirmation(const execute::StartOptions& options, const Arguments& arguments) {
    if (!options.settings.production || arguments.confirm == options.settings.environment) return;
    throw Error(ErrorCode::Refused,
                "a rehearsal in place takes real locks, and " + options.settings.environment +
                    " is production",
                "confirm it: --confirm " + options.settings.environment);
}

}  // namespace

int rehearse_command(Assembly& assembly, const Arguments& arguments) {
    const execute::StartOptions options = start_options(assembly, arguments);
    if (arguments.in_place) require_confirmation(options, arguments);
    Output& output = assembly.output();
    QuietObserver observer(output);
    const rehearse::PrivateFolder folder(arguments.folder.empty() ? rehearse::usual_place()
                                                                  : arguments.folder);
    execute::Engine& looking = assembly.looking_engine(observer);
    rehearse::Copies copies = rehearse::copy_targets(looking, options, folder.path());
    std::optional<rehearse::InPlace> in_place;
    if (arguments.in_place) {
        in_place.emplace(execute::postgres_targets(looking, options), looking.clock, kInPlaceLimit);
        in_place->add_to(copies);
    }
    const auto journal = private_journal(assembly, folder.path());
    execute::Engine& engine = assembly.private_engine(*journal, observer);
    engine.journal_path = folder.path() + "/journal/journal.db";
    engine.rehearsal = true;
    if (in_place)
        engine.lend = [&](const std::string& connection) { return in_place->lend(connection); };
    engine.confined_to = folder.path();
    const Report report = rehearse::rehearse(engine, options, copies);
    const std::string& name = options.bundle.runbook.name;
    if (output.json()) {
        output.json_line(to_map(report, name));
    } else {
        output.line(output.styled(report.failed() ? Style::Red : Style::Green,
                                  report.failed() ? "failed" : "rehearsed") +
                    "  " + output.styled(Style::Bold, name) +
                    (in_place ? ", nothing of it stays" : ", the originals were only read"));
        Printer(output, report, numbers(options.bundle.runbook)).print();
    }
    if (report.interrupted) return exit_status(ErrorCode::Interrupted);
    return report.failed() ? exit_status(ErrorCode::Check) : 0;
}

}  // namespace drydock::cli
