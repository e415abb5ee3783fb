#include "docs/transcript.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace drydock::docs {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAny = "…";
constexpr char kEnd = '\x01';  // stands before the status of each command

std::string without_trailing_blanks(std::string line) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    return line;
}

bool line_matches(std::string_view expected, std::string_view line) {
    const std::size_t any = expected.find(kAny);
    if (any == std::string_view::npos) return expected == line;
    if (!line.starts_with(expected.substr(0, any))) return false;
    line.remove_prefix(any);
    expected.remove_prefix(any + kAny.size());
    for (std::size_t at = 0; at <= line.size(); ++at) {
        if (line_matches(expected, line.substr(at))) return true;
    }
    return false;
}

bool lines_match(const std::vector<std::string>& expected, std::size_t e,
                 const std::vector<std::string>& lines, std::size_t l) {
    if (e == expected.size()) return l == lines.size();
    if (expected[e] == kAny) {
        for (std::size_t at = l; at <= lines.size(); ++at) {
            if (lines_match(expected, e + 1, lines, at)) return true;
        }
        return false;
    }
    return l < lines.size() && line_matches(expected[e], lines[l]) &&
           lines_match(expected, e + 1, lines, l + 1);
}

std::string script_of(const std::vector<Command>& commands) {
    std::string script = "exec 2>&1 </dev/null\n";
    for (const Command& command : commands) {
        script += command.text + "\ns=$?; printf '\\n\\001%d\\n' $s; (exit $s)\n";
    }
    return script;
}

std::string output_of(const std::string& command) {
    std::string output;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("no shell");
    std::array<char, 4096> bytes{};
    for (std::size_t count = 0; (count = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) {
        output.append(bytes.data(), count);
    }
    ::pclose(pipe);
    return output;
}

std::vector<Answer> answers_of(const std::string& output) {
    std::vector<Answer> answers;
    Answer answer;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.front() == kEnd) {
            answer.status = std::atoi(line.c_str() + 1);
            // The mark begins a line of its own, also after output without a newline.
            if (!answer.lines.empty() && answer.lines.back().empty()) answer.lines.pop_back();
            answers.push_back(std::move(answer));
            answer = {};
        } else {
            answer.lines.push_back(without_trailing_blanks(std::move(line)));
        }
    }
    return answers;
}

}  // namespace

std::vector<Command> commands_of(const Block& block) {
    std::vector<Command> commands;
    bool goes_on = false;
    std::size_t number = block.line;
    for (const std::string& line : block.lines) {
        ++number;
        if (goes_on) {
            commands.back().text += "\n" + line;
        } else if (line.starts_with("$ ")) {
            commands.push_back({.text = line.substr(2), .expected = {}, .line = number});
        } else if (commands.empty()) {
            throw std::runtime_error("line " + std::to_string(number) + ": no command");
        } else {
            commands.back().expected.push_back(without_trailing_blanks(line));
            continue;
        }
        goes_on = line.ends_with("\\");
    }
    return commands;
}

std::vector<Answer> run_commands(const std::vector<Command>& commands, const fs::path& folder,
                                 const fs::path& program) {
    const fs::path script = folder / ".commands.sh";
    write_text(script, script_of(commands));
    const std::string environment =
        "env -i TZ=UTC LANG=C.UTF-8 USER=ben PATH='" + program.parent_path().string() +
        "':/usr/local/bin:/usr/bin:/bin HOME='" + folder.string() + "' ";
    return answers_of(output_of("cd '" + folder.string() + "' && " + environment + "bash '" +
                                script.string() + "'"));
}

std::optional<std::string> difference(const std::vector<std::string>& expected,
                                      const std::vector<std::string>& lines) {
    if (lines_match(expected, 0, lines, 0)) return std::nullopt;
    std::string text = "it printed\n";
    for (const std::string& line : lines) text += "    " + line + "\n";
    text += "  and the document says\n";
    for (const std::string& line : expected) text += "    " + line + "\n";
    return text;
}

}  // namespace drydock::docs
