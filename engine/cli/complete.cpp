#include "engine/cli/complete.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <set>

#include "engine/cli/action_words.h"
#include "engine/cli/command_line.h"
#include "engine/cli/find_run.h"
#include "engine/cli/find_runbook.h"
#include "engine/handbook/schema.h"
#include "engine/handbook/word.h"
#include "engine/run/ids.h"
#include "runbooks/shipped.h"

namespace drydock::cli {
namespace {

constexpr std::size_t kMostRuns = 50;

bool is_option(std::string_view word) {
    return word.size() > 1 && word.front() == '-';
}

// What has been typed, read as far as it makes sense.
struct Typed {
    const Command* command = nullptr;
    std::string group;                  // "audit", when only that was typed
    std::vector<std::string> subjects;  // before the word that is completed
    std::string before;                 // an option whose value is completed; empty: none
    std::string current;
    Arguments arguments;  // --journal, --config
};

// Whether `name` takes a value, for this command or for all.
bool takes_value(const std::string& name, const Command* command) {
    std::vector<OptionShape> shapes = common_options();
    if (command != nullptr) {
        for (OptionShape& shape : options_of(*command)) shapes.push_back(std::move(shape));
    }
    for (const OptionShape& shape : shapes) {
        if (std::ranges::find(shape.names, name) != shape.names.end()) return !shape.value.empty();
    }
    return false;
}

// Takes a word that is no option: a part of the command's name, or a subject.
void take_word(const std::string& word, Typed& typed) {
    if (typed.command != nullptr) return typed.subjects.push_back(word);
    const std::string name = typed.group.empty() ? word : typed.group + " " + word;
    for (const Command& command : commands()) {
        if (command.name == name)
            typed.command = &command;
        else if (command.name.starts_with(name + " "))
            typed.group = word;
    }
}

Typed read(std::vector<std::string> words) {
    std::erase(words, "=");  // bash makes three words of --color=auto
    Typed typed;
    if (words.empty()) return typed;
    typed.current = std::move(words.back());
    words.pop_back();
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!is_option(words[i])) {
            take_word(words[i], typed);
        } else if (takes_value(words[i], typed.command)) {
            if (i + 1 == words.size())
                typed.before = words[i];
            else if (words[i] == "--journal")
                typed.arguments.journal = words[i + 1];
            else if (words[i] == "--config")
                typed.arguments.config = words[i + 1];
            ++i;
        }
    }
    return typed;
}

class Completer final {
  public:
    explicit Completer(Typed typed)
        : typed_(std::move(typed)), assembly_(typed_.arguments), output_({}) {}

    void answer() {
        if (!typed_.before.empty()) return value_of_option();
        if (is_option(typed_.current) || typed_.current == "-") return options();
        if (typed_.command == nullptr) return commands_here();
        subject();
    }

  private:
    void offer(std::string_view word, std::string_view what = {}) {
        if (!word.starts_with(typed_.current) || !offered_.emplace(word).second) return;
        std::string line(word);
        line += '\t';
        for (const char byte : what) line += byte == '\n' || byte == '\t' ? ' ' : byte;
        output_.line(line);
    }
    void files() { output_.line(":files"); }

    void options() {
        std::vector<OptionShape> shapes;
        if (typed_.command != nullptr) shapes = options_of(*typed_.command);
        for (OptionShape& shape : common_options()) shapes.push_back(std::move(shape));
        for (const OptionShape& shape : shapes) {
            for (const std::string& name : shape.names) offer(name, shape.help);
        }
    }

    void commands_here() {
        for (const Command& command : commands()) {
            const std::string_view name = command.name;
            const std::size_t space = name.find(' ');
            if (typed_.group.empty())
                offer(name.substr(0, space),
                      space == std::string_view::npos ? command.summary : "");
            else if (name.starts_with(typed_.group + " "))
                offer(name.substr(space + 1), command.summary);
        }
    }

    void value_of_option() {
        const std::string& option = typed_.before;
        if (option == "--color") return offer_all({"auto", "always", "never"});
        if (option == "--environment") return environments();
        if (option == "--runbook") return runbooks(true);
        if (option == "--status")
            return offer_all(
                {"created", "running", "suspended", "succeeded", "failed", "undone", "cancelled"});
        for (const char* text : {"-p", "--param", "-a", "--answer", "--reason", "--comment",
                                 "--limit", "--sign", "--require-plan"}) {
            if (option == text) return;
        }
        for (const char* step : {"--applied", "--not-applied", "--retry", "--skip"}) {
            if (option == step) return steps();
        }
        files();
    }
    void offer_all(const std::vector<std::string_view>& words) {
        for (const std::string_view word : words) offer(word);
    }

    // What the table says of the place: "RUN [STEP]" → RUN, or STEP after the first.
    [[nodiscard]] std::string subject_here() const {
        std::vector<std::string> places(1);
        for (const char byte : typed_.command->subjects.words) {
            if (byte == ' ')
                places.emplace_back();
            else if (byte != '[' && byte != ']')
                places.back() += byte;
        }
        const std::size_t at = typed_.subjects.size();
        if (at < places.size()) return places[at];
        return places.back().ends_with("…") ? places.back() : std::string();
    }

    void subject() {
        const std::string place = subject_here();
        const auto has = [&place](std::string_view word) {
            return place.find(word) != std::string::npos;
        };
        if (has("RUN")) runs();
        if (has("STEP")) steps();
        if (has("WORD")) words();
        if (has("SHELL")) offer_all({"bash", "zsh", "fish"});
        if (has("KIND")) offer_all(handbook::schema_kinds());
        if (has("NAME") && typed_.command->name == "actions")
            actions();
        else if (has("NAME"))
            runbooks(typed_.command->name != "runbooks export");
        if (has("FILE") || has("FOLDER") || has("DATABASE")) files();
    }

    void runs() {
        if (!assembly_.has_journal()) return;
        offer("last", "your newest run");
        for (const journal::RunRow& row : assembly_.reader().list({.limit = kMostRuns}))
            offer(run::short_id(row.run), row.runbook + ", " + std::string(name_of(row.status)));
    }

    void steps() {
        if (typed_.subjects.empty() || !assembly_.has_journal()) return;
        const KnownRun known = know_run(assembly_, typed_.subjects.front());
        for (const auto* steps : {&known.bundle.runbook.steps, &known.bundle.runbook.finally}) {
            for (const runbook::Step& step : *steps) offer(step.id);
        }
    }

    void runbooks(bool all) {
        if (!all) {
            for (const auto& shipped : runbooks::shipped_runbooks()) offer(shipped.name, "shipped");
            return;
        }
        for (const NamedRunbook& one : named_runbooks(assembly_)) offer(one.name, one.path);
    }

    void environments() {
        for (const auto& [name, environment] : assembly_.settings().environments)
            offer(name, environment.production ? "production" : "");
    }

    void actions() {
        for (const std::string& name : assembly_.modules().names()) {
            offer(name, "a module");
            if (!typed_.current.starts_with(name + ".") && typed_.current != name) continue;
            for (const auto& [action, declared] : load_module(assembly_, name).actions)
                offer(name + "." + action, declared.summary);
        }
    }

    void words() {
        for (const std::string& word : handbook::word_names()) offer(word);
        actions();
    }

    Typed typed_;
    Assembly assembly_;
    Output output_;
    std::set<std::string, std::less<>> offered_;
};

}  // namespace

int complete(const std::vector<std::string>& words) noexcept {
    try {
        Completer(read(words)).answer();
    } catch (const std::exception&) {
        // Whatever is wrong (settings, journal, a module) is said by the command itself, when it
        // is run; between two keys nobody could read it.
        return 0;
    }
    return 0;
}

}  // namespace drydock::cli
