#include "engine/runbook/reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "engine/runbook/convert.h"
#include "engine/runbook/declaration.h"

namespace drydock::runbook {
namespace {

// Lists of folders, programs and names, each of which may be a template.
std::vector<Node> read_entries(const SourceNode& node, std::string_view what, Report& report) {
    std::vector<Node> entries;
    if (!node.is_list()) {
        report.add(node.place,
                   std::string(what) + " is a list, here stands " + std::string(shape_of(node)),
                   "write [one, two]");
        return entries;
    }
    for (const SourceNode& item : node.items) {
        entries.push_back(
            read_typed(item, Type::String, "an entry of " + std::string(what), report));
    }
    return entries;
}

Contact read_contact(const SourceNode& node, const std::string& name, Report& report) {
    Contact contact;
    contact.place = node.place;
    Fields fields(node, "the contact `" + name + "`", contact_keys(), report);
    const auto text = [&](std::string_view key) -> std::string {
        const SourceNode* found = fields.take(key);
        return found == nullptr
                   ? ""
                   : read_text(*found, "`" + std::string(key) + "` of the contact", report)
                         .value_or("");
    };
    contact.name = text("name");
    contact.mail = text("mail");
    contact.phone = text("phone");
    if (const SourceNode* after = fields.take("after")) {
        contact.after = read_typed(*after, Type::Duration, "`after` of the contact", report);
    }
    fields.finish();
    return contact;
}

std::vector<std::pair<std::string, Contact>> read_contacts(const SourceNode& node, Report& report) {
    std::vector<std::pair<std::string, Contact>> contacts;
    if (!node.is_map()) {
        report.add(node.place, "`contacts` is a map of names to {name, mail, phone, after}");
        return contacts;
    }
    for (const SourceNode::Member& member : node.members) {
        contacts.emplace_back(member.key, read_contact(member.value, member.key, report));
    }
    return contacts;
}

Node::Map read_outputs(const SourceNode& node, Report& report) {
    Node::Map outputs;
    if (!node.is_map()) {
        report.add(node.place, "`outputs` is a map of names to values, here stands " +
                                   std::string(shape_of(node)));
        return outputs;
    }
    for (const SourceNode::Member& member : node.members) {
        outputs.emplace_back(member.key, to_node(member.value, nullptr, report));
    }
    return outputs;
}

// "Sun 02:00", "02:00".
bool is_opening(std::string_view text) {
    static constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu",
                                                           "Fri", "Sat", "Sun"};
    if (text.size() == 9 && text[3] == ' ') {
        if (std::find(kDays.begin(), kDays.end(), text.substr(0, 3)) == kDays.end()) return false;
        text.remove_prefix(4);
    }
    const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
        return false;
    return text.substr(0, 2) < "24" && text.substr(3) < "60";
}

// A name of the time zone database. Where the machine has the database, it must be in it.
bool is_timezone(const std::string& name) {
    const bool sound = !name.empty() && name.find("..") == std::string::npos && name[0] != '/' &&
                       name.find_first_not_of(
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-") ==
                           std::string::npos;
    std::error_code ignored;
    const std::filesystem::path folder = "/usr/share/zoneinfo";
    return sound && (!std::filesystem::exists(folder, ignored) ||
                     std::filesystem::is_regular_file(folder / name, ignored));
}

void find_modules(const SourceNode& node, std::set<std::string>& found) {
    for (const SourceNode& item : node.items) find_modules(item, found);
    for (const SourceNode::Member& member : node.members) {
        const std::size_t dot = member.value.text.rfind('.');
        if (member.key == "uses" && dot != std::string::npos)
            found.insert(member.value.text.substr(0, dot));
        find_modules(member.value, found);
    }
}

// Reads the top level. Everything goes into one model; a part that is wrong stays empty.
class ModelReader final {
  public:
    ModelReader(const SourceNode& root, const ActionLookup& actions, Report& report)
        : fields_(root, "a runbook", runbook_keys(), report), actions_(actions), report_(report) {
        if (root.is_map() && !root.members.empty()) require_first_key(root.members.front());
    }

    Runbook read() {
        Runbook made;
        if (!fields_.is_map()) return made;
        if (const SourceNode* node =
                fields_.require("runbook", "the first line names the runbook: `runbook: name`")) {
            made.name = read_name(*node, "the name of the runbook", "-", report_).value_or("");
        }
        made.title = text("title");
        made.description = text("description");
        read_names(made);
        read_machine(made);
        read_flow(made);
        fields_.finish();
        return made;
    }

  private:
    void require_first_key(const SourceNode::Member& first) {
        if (first.key == "runbook") return;
        if (first.key == "cases") {
            report_.add(first.key_place, "this is a document of cases, not a runbook",
                        "run it with drydock test");
        } else {
            report_.add(first.key_place, "the first key says what the document is",
                        "begin with `runbook: name`");
        }
        fields_.overlook("cases");
    }

    std::string text(std::string_view key) {
        const SourceNode* node = fields_.take(key);
        return node == nullptr
                   ? ""
                   : read_text(*node, "`" + std::string(key) + "`", report_).value_or("");
    }

    void read_names(Runbook& made) {
        if (const SourceNode* node = fields_.take("params")) {
            made.params = read_declarations(*node, "`params`", DeclarationUse::Param, report_);
        }
        if (const SourceNode* node = fields_.take("secrets"))
            made.secrets = read_secrets(*node, report_);
        if (const SourceNode* node = fields_.take("connections"))
            made.connections = read_connections(*node, report_);
        if (const SourceNode* node = fields_.take("contacts"))
            made.contacts = read_contacts(*node, report_);
    }

    void read_machine(Runbook& made) {
        if (const SourceNode* node = fields_.take("files"))
            made.files = read_entries(*node, "`files`", report_);
        if (const SourceNode* node = fields_.take("commands"))
            made.commands = read_entries(*node, "`commands`", report_);
        if (const SourceNode* node = fields_.take("locks"))
            made.locks = read_entries(*node, "`locks`", report_);
        if (const SourceNode* node = fields_.take("runs_on"))
            made.runs_on = read_texts(*node, "`runs_on`", report_);
        if (const SourceNode* node = fields_.take("window"))
            made.window = read_window(*node, report_);
    }

    void read_flow(Runbook& made) {
        if (const SourceNode* node = fields_.take("on_failure")) {
            made.on_failure = read_on_failure(*node, false, report_).value_or(OnFailure::Stop);
        }
        if (const SourceNode* node = fields_.require(
                "steps", "a runbook is a list of steps: `steps:` with one `- id: …` each")) {
            made.steps = read_steps(*node, actions_, report_);
            if (node->is_list() && node->items.empty())
                report_.add(node->place, "`steps` is empty", "write at least one step");
        }
        if (const SourceNode* node = fields_.take("finally"))
            made.finally = read_steps(*node, actions_, report_);
        if (const SourceNode* node = fields_.take("outputs"))
            made.outputs = read_outputs(*node, report_);
    }

    Fields fields_;
    const ActionLookup& actions_;
    Report& report_;
};

}  // namespace

Runbook read_model(const SourceNode& root, const ActionLookup& actions, Report& report) {
    return ModelReader(root, actions, report).read();
}

std::vector<std::string> modules_named(const SourceNode& root) {
    std::set<std::string> found;
    find_modules(root, found);
    return {found.begin(), found.end()};
}

Window read_window(const SourceNode& node, Report& report) {
    Window window;
    window.place = node.place;
    Fields fields(node, "a window", window_keys(), report);
    if (const SourceNode* opens =
            fields.require("opens", "write opens: \"Sun 02:00\", or \"02:00\" for every day")) {
        window.opens = read_text(*opens, "`opens`", report).value_or("");
        if (!window.opens.empty() && !is_opening(window.opens)) {
            report.add(
                opens->place, "`opens` is `" + window.opens + "`, which is no time of the week",
                "write \"Sun 02:00\" (Mon Tue Wed Thu Fri Sat Sun), or \"02:00\" for every day");
        }
    }
    if (const SourceNode* lasts = fields.require("lasts", "write how long it is open: lasts: 2h")) {
        window.lasts = read_typed(*lasts, Type::Duration, "`lasts`", report);
    }
    if (const SourceNode* zone =
            fields.require("timezone", "write the time zone: timezone: Europe/Berlin")) {
        window.timezone = read_text(*zone, "`timezone`", report).value_or("");
        if (!window.timezone.empty() && !is_timezone(window.timezone)) {
            report.add(zone->place, "there is no time zone `" + window.timezone + "`",
                       "write a name like Europe/Berlin or UTC");
        }
    }
    if (const SourceNode* reserve = fields.take("reserve")) {
        window.reserve = read_typed(*reserve, Type::Duration, "`reserve`", report);
    }
    fields.finish();
    return window;
}

Node read_typed(const SourceNode& node, Type type, std::string_view what, Report& report) {
    Declaration declared;
    declared.type = type;
    Node made = to_node(node, &declared, report);
    for (Problem& problem : literal_problems(made, declared, what)) {
        report.add(problem.place, std::move(problem.message), std::move(problem.hint));
    }
    return made;
}

std::optional<OnFailure> read_on_failure(const SourceNode& node, bool of_step, Report& report) {
    static const std::vector<std::string> kWords{"stop", "undo", "end", "continue"};
    const auto word = read_word(node, "`on_failure`", kWords, report);
    if (!word) return std::nullopt;
    static constexpr std::array<OnFailure, 4> kAnswers{OnFailure::Stop, OnFailure::Undo,
                                                       OnFailure::End, OnFailure::Continue};
    const OnFailure chosen = kAnswers[*word];
    if (chosen == OnFailure::Continue && !of_step) {
        report.add(node.place, "`on_failure: continue` belongs to a step, not to the runbook",
                   "stop, undo or end");
        return std::nullopt;
    }
    return chosen;
}

}  // namespace drydock::runbook
