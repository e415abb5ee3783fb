#include "engine/cases/question.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

#include "engine/cases/server.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/os/process.h"

namespace drydock::cases {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAskedFile = "asked";
constexpr int kNotFound = 127;  // as a shell says that there is no such program

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

bool same_program(std::string_view pattern, std::string_view name) {
    if (fits(pattern, name)) return true;
    const bool bare =
        pattern.find('/') == std::string_view::npos || name.find('/') == std::string_view::npos;
    return bare && fits(last_part(pattern), last_part(name));
}

std::string quoted(const std::string& path) {
    std::string text = "'";
    for (const char c : path) text += c == '\'' ? "'\\''" : std::string(1, c);
    return text + "'";
}

std::string shown_words(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string service_file(const World& world, std::string_view service) {
    if (service.ends_with(".service")) service.remove_suffix(8);
    return world.state() + "/service-" + std::string(service);
}

// What a stand-in does: a script of the shell, its texts in files of the world.
struct Script {
    std::string before;  // what it changes
    std::string output, error;
    std::int64_t exit = 0;
};

// systemctl VERB … SERVICE, for a service of the case.
std::optional<Script> ask_service(const Case& one, const World& world,
                                  const std::vector<std::string>& command) {
    if (command.size() < 3 || last_part(command[0]) != "systemctl") return std::nullopt;
    std::string service = command.back();
    if (service.ends_with(".service")) service.resize(service.size() - 8);
    if (!one.services.contains(service)) return std::nullopt;
    const std::string file = service_file(world, service);
    const bool runs = fs::exists(file);
    const auto verb = std::ranges::find_if(command.begin() + 1, command.end(),
                                           [](const auto& word) { return !word.starts_with('-'); });
    if (*verb == "start" || *verb == "restart" || *verb == "reload-or-restart")
        return Script{.before = ": > " + quoted(file)};
    if (*verb == "stop" || *verb == "kill") return Script{.before = "rm -f " + quoted(file)};
    if (*verb == "is-active" || *verb == "status")
        return Script{.before = {},
                      .output = runs ? "active\n" : "inactive\n",
                      .error = {},
                      .exit = runs ? 0 : 3};
    if (*verb == "show")
        return Script{.before = {},
                      .output = std::string("ActiveState=") + (runs ? "active" : "inactive") +
                                "\nSubState=" + (runs ? "running" : "dead") + "\n"};
    return std::nullopt;
}

std::optional<Script> listed(const Case& one, const std::vector<std::string>& command) {
    for (const Answer& answer : one.answers) {
        if (!fits(answer.question, command)) continue;
        return Script{
            .before = {}, .output = answer.output, .error = answer.error, .exit = answer.exit};
    }
    return std::nullopt;
}

// PostgreSQL's own programs, when they log in to the server of the case, are the real ones: no text
// could stand in for what they do.
bool is_at_home(const World& world, const os::CommandSpec& spec) {
    constexpr std::array<std::string_view, 3> kPrograms{"pg_dump", "pg_restore", "psql"};
    if (world.postgres() == nullptr ||
        std::ranges::find(kPrograms, last_part(spec.program)) == kPrograms.end())
        return false;
    return std::ranges::any_of(spec.environment, [&](const auto& variable) {
        return variable.first == "PGHOST" && variable.second == world.postgres()->socket_folder();
    });
}

void write_text(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) throw Error(ErrorCode::File, "writing " + path);
}

void stage(const Case& one, const World& world, os::CommandSpec& spec) {
    std::optional<Script> script = listed(one, spec.argv);
    if (!script) script = ask_service(one, world, spec.argv);
    if (!script && is_at_home(world, spec)) {
        note_asked(world, {.command = spec.argv});
        spec.program = os::allowed_program(spec.argv.front(), {spec.argv.front()});
        return;
    }
    const Asked asked{.command = spec.argv, .answered = script.has_value()};
    note_asked(world, asked);
    if (!script) {
        script = Script{.before = {},
                        .output = {},
                        .error = "no answer is listed for: " + shown(asked) + "\n",
                        .exit = kNotFound};
    }
    const std::string output = world.state() + "/stand-in.out";
    const std::string error = world.state() + "/stand-in.err";
    write_text(output, script->output);
    write_text(error, script->error);
    std::string text = script->before.empty() ? "" : script->before + "\n";
    text += "cat " + quoted(output) + "\ncat " + quoted(error) + " >&2\nexit " +
            std::to_string(script->exit) + "\n";
    spec.program = "/bin/sh";
    spec.argv = {"sh", "-c", std::move(text)};
    spec.input.clear();
}

// As os::allowed_program, but the program need not be on this machine.
std::string find_program(const std::string& name, const std::vector<std::string>& allowed) {
    const bool is_allowed = std::ranges::any_of(
        allowed, [&](const std::string& entry) { return same_program(entry, name); });
    if (!is_allowed) {
        throw Error(ErrorCode::Permission, "the program \"" + name + "\" is not allowed",
                    "add it to commands: of the runbook");
    }
    return name.starts_with('/') ? name : "/usr/bin/" + name;
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    text.remove_prefix(star);
    std::string_view rest = pattern.substr(star);
    while (rest.starts_with('*')) rest.remove_prefix(1);
    // Every place at which the rest could begin; patterns are short and few.
    for (std::size_t skip = 0; skip <= text.size(); ++skip) {
        if (fits(rest, text.substr(skip))) return true;
    }
    return false;
}

bool fits(const Question& question, const std::vector<std::string>& command) {
    const auto* pattern = std::get_if<CommandPattern>(&question);
    if (pattern == nullptr || command.empty()) return false;
    const std::vector<std::string>& words = pattern->words;
    if (!same_program(words.front(), command.front())) return false;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "**" && i + 1 == words.size()) return true;
        if (i >= command.size() || !fits(words[i], command[i])) return false;
    }
    return words.size() == command.size();
}

bool fits(const Question& question, const Asked& asked) {
    const auto* pattern = std::get_if<HttpPattern>(&question);
    if (pattern == nullptr) return fits(question, asked.command);
    return !asked.method.empty() && (pattern->method == "*" || pattern->method == asked.method) &&
           fits_address(pattern->url, asked.url);
}

std::string shown(const Asked& asked) {
    return asked.method.empty() ? shown_words(asked.command) : asked.method + " " + asked.url;
}

std::string shown(const Question& question) {
    if (const auto* http = std::get_if<HttpPattern>(&question))
        return http->method + " " + http->url;
    return shown_words(std::get<CommandPattern>(question).words);
}

execute::StandIns stand_ins(const Case& one, const World& world) {
    return {.find = find_program,
            .stage = [&one, &world](os::CommandSpec& spec) { stage(one, world, spec); },
            .ask = servers(one, world)};
}

void begin_services(const Case& one, const World& world) {
    for (const auto& [name, runs] : one.services) {
        if (runs) write_text(service_file(world, name), "");
    }
}

void note_asked(const World& world, const Asked& asked) {
    Value::List words(asked.command.begin(), asked.command.end());
    note(world, kAskedFile,
         json::write(Value::Map{{"command", std::move(words)},
                                {"method", asked.method},
                                {"url", asked.url},
                                {"answered", asked.answered}}));
}

std::vector<Asked> asked_in(const World& world) {
    std::vector<Asked> all;
    for (const std::string& line : notes(world, kAskedFile)) {
        const Value value = json::parse(line);
        Asked asked{.command = {},
                    .method = value.member("method")->as<std::string>(),
                    .url = value.member("url")->as<std::string>(),
                    .answered = *value.member("answered") == Value(true)};
        for (const Value& word : value.member("command")->as<Value::List>())
            asked.command.push_back(word.as<std::string>());
        all.push_back(std::move(asked));
    }
    return all;
}

}  // namespace drydock::cases
