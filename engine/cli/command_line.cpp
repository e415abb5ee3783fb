#include "engine/cli/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "engine/cli/text.h"
#include "engine/cli/version.h"
#include "engine/error.h"
#include "engine/runbook/diagnostic.h"

namespace drydock::cli {
namespace {

void add_common(CLI::App& app, Arguments& into) {
    app.add_option("--journal", into.journal, "The journal's file")->type_name("PATH");
    app.add_option("--config", into.config, "Settings, instead of the nearest drydock.yaml")
        ->type_name("FILE");
    app.add_option("--environment", into.environment, "An environment of drydock.yaml")
        ->type_name("NAME");
    app.add_option("--env-file", into.env_file, "Variables for `env:` of params and secrets")
        ->type_name("FILE");
    app.add_flag("--json", into.json, "JSON lines instead of text");
    app.add_option("--color", into.color, "auto, always or never")
        ->type_name("WHEN")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    app.add_flag("-q,--quiet", into.quiet, "Only results and errors");
    app.add_flag("-v,--verbose", into.verbose, "More, twice: everything");
}

void add_many(CLI::App& app, const std::string& flags, std::vector<std::string>& into,
              const std::string& type, const std::string& help) {
    app.add_option(flags, into, help)
        ->type_name(type)
        ->type_size(1)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
}

void add_settle(CLI::App& app, Arguments& into) {
    app.add_option("--applied", into.applied, "The unknown step has done its work")
        ->type_name("STEP");
    app.add_option("--not-applied", into.not_applied,
                   "The unknown step has done nothing: start it again")
        ->type_name("STEP");
    app.add_option("--retry", into.retry, "Start the failed step again")->type_name("STEP");
    app.add_option("--skip", into.skip, "Go on without the step")->type_name("STEP");
    app.add_option("--output", into.output_file, "The output of an applied step, as JSON")
        ->type_name("FILE");
}

void add_cases(CLI::App& app, Arguments& into) {
    app.add_option("--filter", into.filter, "Only cases with this in their name")
        ->type_name("TEXT");
    app.add_option("--junit", into.junit_file, "Write the results as JUnit's XML as well")
        ->type_name("FILE");
    app.add_flag("--coverage", into.coverage, "Show which steps and branches no case has been to");
}

void add_filter(CLI::App& app, Arguments& into) {
    app.add_option("--limit", into.limit, "How many, at most")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    app.add_flag("--open", into.open, "Only runs that have not ended");
    app.add_option("--runbook", into.runbook, "Only runs of this runbook")->type_name("NAME");
    app.add_option("--status", into.status, "Only runs with this status")->type_name("STATUS");
}

void add_audit(CLI::App& app, Option option, Arguments& into) {
    if (option == Option::Witnesses) {
        add_many(app, "--key", into.keys, "KEY|FILE", "The verifier key to believe");
        add_many(app, "--head", into.heads, "FILE",
                 "A signed head that was kept elsewhere; may be repeated");
    } else if (option == Option::SignHead) {
        app.add_flag("--sign", into.sign_head, "Sign the ledger, if it continues what was signed");
        add_many(app, "--key", into.keys, "FILE", "The private key");
        app.add_option("--state", into.state, "What was signed last; kept outside the journal")
            ->type_name("FILE");
    } else if (option == Option::KeyName) {
        app.add_option("--name", into.key_name, "The key's name, else that of this machine")
            ->type_name("NAME");
    } else if (option == Option::OlderThan) {
        app.add_option("--older-than", into.older_than, "Runs that ended so long ago")
            ->type_name("AGE")
            ->required();
    } else {
        app.add_flag("--yes", into.yes, "Do it; it cannot be taken back");
    }
}

void add_rehearsal(CLI::App& app, Option option, Arguments& into) {
    app.add_option("--in", into.folder,
                   "Where the copies go for as long as it takes ($TMPDIR, /var/tmp)")
        ->type_name("FOLDER");
    if (option == Option::CopiesFolder) return;
    app.add_flag("--in-place", into.in_place,
                 "PostgreSQL too: in one transaction, which is rolled back");
    app.add_option("--confirm", into.confirm, "The environment's name, to do that on production")
        ->type_name("NAME");
}

void add_migrations(CLI::App& app, Option option, Arguments::Migrations& into) {
    if (option == Option::SkipBackup) {
        app.add_flag("--skip-backup", into.skip_backup, "Without a backup before");
    } else if (option == Option::OutOfOrder) {
        app.add_flag("--out-of-order", into.out_of_order,
                     "Those too that are older than what is applied");
    } else if (option == Option::AllMigrations) {
        app.add_flag("--all", into.all, "Those too that are applied");
    } else if (option == Option::DryRun) {
        app.add_flag("--dry-run", into.dry_run,
                     "Run them in a transaction that is rolled back, as far as they can be");
    } else {
        app.add_option("--format", into.format,
                       "The tool whose format the files have, if looking does not tell")
            ->type_name("TOOL");
        add_many(app, "--variable", into.variables, "NAME=VALUE",
                 "What a variable in the files stands for; may be repeated");
        app.add_option("--folder", into.folder, "The migrations (./migrations)")
            ->type_name("FOLDER");
        app.add_option("--database", into.database,
                       "A file, a database's name, or a URL ($DATABASE_URL)")
            ->type_name("DATABASE");
        app.add_option("--table", into.table, "The tool's table, if it is not its usual one")
            ->type_name("NAME");
        app.add_option("--wait", into.wait, "How long a server is waited for that is not there")
            ->type_name("DURATION");
    }
}

void add_database(CLI::App& app, Option option, Arguments& into) {
    if (option == Option::QuickCheck) {
        app.add_flag("--quick", into.quick_check, "Do not compare the indexes with their tables");
        return;
    }
    app.add_option("--sql", into.sql_file,
                   "Statements whose plans are looked at; - is standard input")
        ->type_name("FILE");
}

void add_option(CLI::App& app, Option option, Arguments& into) {
    switch (option) {
        case Option::Params:
            add_many(app, "-p,--param", into.params, "NAME=VALUE", "A param; may be repeated");
            app.add_option("--params", into.params_file, "Params from a YAML or JSON file")
                ->type_name("FILE");
            break;
        case Option::RequirePlan:
            app.add_option("--require-plan", into.require_plan,
                           "Run only this plan, by the digest that was shown")
                ->type_name("DIGEST");
            break;
        case Option::Detach:
            app.add_flag("--detach", into.detach, "Do not wait in this process for timers: exit 3");
            break;
        case Option::Explain:
            app.add_flag("--explain", into.explain, "Say of each step why it would run");
            break;
        case Option::Settle: add_settle(app, into); break;
        case Option::Reason:
            app.add_option("--reason", into.reason, "Recorded with what you ask for")
                ->type_name("TEXT");
            break;
        case Option::Now: app.add_flag("--now", into.now, "Interrupt the step that runs"); break;
        case Option::Answers:
            add_many(app, "-a,--answer", into.answers, "NAME=VALUE",
                     "A field of the gate's form; may be repeated");
            add_many(app, "--sign", into.sign, "N|all",
                     "Items of the checklist that you vouch for");
            break;
        case Option::Comment:
            app.add_option("--comment", into.comment, "Recorded with the answer")
                ->type_name("TEXT");
            break;
        case Option::Filter: add_filter(app, into); break;
        case Option::Report:
            app.add_option("--report", into.report_file,
                           "All that happened, as FILE.md or FILE.html; - prints Markdown")
                ->type_name("FILE");
            break;
        case Option::Follow:
            app.add_flag("-f,--follow", into.follow, "Go on until the run stops");
            break;
        case Option::Cases: add_cases(app, into); break;
        case Option::All: app.add_flag("--all", into.all, "All runs of the journal"); break;
        case Option::ExportFile:
            app.add_option("-o,--output", into.export_file, "Write to a file instead")
                ->type_name("FILE");
            break;
        case Option::Rehearsal:
        case Option::CopiesFolder: add_rehearsal(app, option, into); break;
        case Option::Witnesses:
        case Option::SignHead:
        case Option::KeyName:
        case Option::OlderThan:
        case Option::Yes: add_audit(app, option, into); break;
        case Option::Migrations:
        case Option::SkipBackup:
        case Option::OutOfOrder:
        case Option::AllMigrations:
        case Option::DryRun: add_migrations(app, option, into.migrations); break;
        case Option::QuickCheck:
        case Option::Statements: add_database(app, option, into); break;
    }
}

// CLI11's tree of subcommands for the table of commands; "audit verify" is verify below audit.
class Tree final {
  public:
    explicit Tree(Arguments& into)
        : into_(into),
          app_("Runs runbooks for databases: nothing lost, nothing twice, always a way back.",
               "drydock") {
        app_.require_subcommand(1);
        app_.set_version_flag("--version", std::string(kVersion));
        add_common(app_, into_);
        for (const Command& command : commands()) add(command);
    }

    CLI::App& app() { return app_; }

    [[nodiscard]] const Command* chosen() const {
        for (const auto& [app, command] : commands_) {
            if (app->parsed()) return command;
        }
        return nullptr;
    }

  private:
    CLI::App& parent_of(std::string_view& name) {
        const std::size_t space = name.find(' ');
        if (space == std::string_view::npos) return app_;
        const std::string group(name.substr(0, space));
        name.remove_prefix(space + 1);
        if (CLI::App* known = find(group)) return *known;
        CLI::App* made = app_.add_subcommand(group, words_after(group));
        made->require_subcommand(1);
        made->fallthrough();
        return *made;
    }

    // "verify, export": what can follow the first word of a command.
    static std::string words_after(const std::string& group) {
        std::string words;
        for (const Command& command : commands()) {
            if (!command.name.starts_with(group + " ")) continue;
            const std::string word(command.name.substr(group.size() + 1));
            words += (words.empty() ? "" : ", ") + word;
        }
        return words;
    }

    [[nodiscard]] CLI::App* find(const std::string& name) {
        for (CLI::App* sub : app_.get_subcommands({})) {
            if (sub->get_name() == name) return sub;
        }
        return nullptr;
    }

    void add(const Command& command) {
        std::string_view name = command.name;
        CLI::App* app =
            parent_of(name).add_subcommand(std::string(name), std::string(command.summary));
        app->fallthrough();
        for (const Option option : command.options) add_option(*app, option, into_);
        add_subjects(*app, command.subjects);
        app->footer("Examples:\n" + std::string(command.examples));
        commands_.emplace(app, &command);
    }

    void add_subjects(CLI::App& app, const Subjects& subjects) {
        std::string_view rest = subjects.words;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(' '), rest.size());
            add_subject(app, std::string(rest.substr(0, end)), std::string(subjects.meaning));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }

    void add_subject(CLI::App& app, std::string word, const std::string& meaning) {
        constexpr std::string_view kRepeated = "…";
        CLI::Option* option = nullptr;
        if (word.ends_with(kRepeated)) {
            word.resize(word.size() - kRepeated.size());
            const bool optional = word.starts_with('[');
            if (optional) word = word.substr(1, word.size() - 2);
            option = app.add_option(word, into_.subjects, meaning);
            option->required(!optional);
        } else {
            const bool optional = word.starts_with('[');
            if (optional) word = word.substr(1, word.size() - 2);
            option = app.add_option_function<std::string>(
                word, [this](const std::string& given) { into_.subjects.push_back(given); },
                meaning);
            option->required(!optional);
        }
        option->type_name("");
    }

    Arguments& into_;
    CLI::App app_;
    std::map<const CLI::App*, const Command*> commands_;
};

std::vector<OptionShape> shapes_of(const CLI::App& app) {
    std::vector<OptionShape> shapes;
    for (const CLI::Option* option : app.get_options()) {
        if (option->check_name("--help")) continue;
        OptionShape shape;
        for (const std::string& name : option->get_snames()) shape.names.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) shape.names.push_back("--" + name);
        if (option->get_items_expected_max() > 0) shape.value = option->get_type_name();
        shape.help = option->get_description();
        shapes.push_back(std::move(shape));
    }
    return shapes;
}

// What is too long for a narrow terminal goes on below its description. Examples stay as they are.
std::string narrowed(const std::string& help) {
    constexpr std::size_t kWidth = 80;
    std::string out;
    bool examples = false;
    for (const std::string& line : lines_in(help)) {
        examples = examples || line == "Examples:";
        const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
        const std::size_t gap = line.find("  ", first);
        if (examples || columns(line) <= kWidth || gap == std::string::npos) {
            out += line + "\n";
            continue;
        }
        const std::size_t text = line.find_first_not_of(' ', gap);
        for (const std::string& one : wrapped(line.substr(0, text), line.substr(text), kWidth))
            out += one + "\n";
    }
    return out;
}

std::string lower_first(std::string text) {
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])))
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    while (!text.empty() && (text.back() == '.' || text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

// The first word that is no option is meant to be a command.
void refuse_unknown_command(const std::vector<std::string>& words, CLI::App& app) {
    if (words.empty() || words.front().starts_with("-")) return;
    std::vector<std::string> known;
    for (const CLI::App* sub : app.get_subcommands({})) known.push_back(sub->get_name());
    if (std::ranges::find(known, words.front()) != known.end()) return;
    const std::string near = runbook::did_you_mean(words.front(), known);
    throw Error(ErrorCode::Usage, "there is no command " + words.front(),
                near.empty() ? "drydock --help lists them" : "did you mean " + near + "?");
}

}  // namespace

std::vector<OptionShape> options_of(const Command& command) {
    Arguments unused;
    CLI::App app;
    for (const Option option : command.options) add_option(app, option, unused);
    return shapes_of(app);
}

std::vector<OptionShape> common_options() {
    Arguments unused;
    CLI::App app;
    add_common(app, unused);
    std::vector<OptionShape> shapes = shapes_of(app);
    shapes.push_back({{"-h", "--help"}, "", "What the command takes, with examples"});
    return shapes;
}

CommandLine read_command_line(const std::vector<std::string>& words) {
    CommandLine line;
    Tree tree(line.arguments);
    refuse_unknown_command(words, tree.app());
    try {
        tree.app().parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::CallForHelp&) {
        line.text = narrowed(tree.app().help());
        return line;
    } catch (const CLI::CallForVersion&) {
        line.text = std::string(kVersion) + "\n";
        return line;
    } catch (const CLI::ParseError& error) {
        const Command* command = tree.chosen();
        const std::string help = command == nullptr
                                     ? std::string("drydock --help")
                                     : "drydock " + std::string(command->name) + " --help";
        throw Error(ErrorCode::Usage, lower_first(error.what()), help + " shows what it takes");
    }
    line.command = tree.chosen();
    if (line.command == nullptr) line.text = narrowed(tree.app().help());
    return line;
}

}  // namespace drydock::cli
