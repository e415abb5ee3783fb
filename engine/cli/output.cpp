#include "engine/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <cstring>
#include <new>
#include <utility>

#include "engine/json/json.h"

namespace drydock::cli {
namespace {

bool dumb_terminal() {
    const char* term = std::getenv("TERM");
    return term == nullptr || std::strcmp(term, "dumb") == 0;
}

bool wants_color(const std::string& color, int fd) {
    if (color == "always") return true;
    if (color == "never") return false;
    const char* none = std::getenv("NO_COLOR");
    if (none != nullptr && *none != '\0') return false;
    return ::isatty(fd) == 1 && !dumb_terminal();
}

std::string_view code_of(Style style) {
    switch (style) {
        case Style::Plain: break;
        case Style::Bold: return "\033[1m";
        case Style::Dim: return "\033[2m";
        case Style::Red: return "\033[31m";
        case Style::Green: return "\033[32m";
        case Style::Yellow: return "\033[33m";
        case Style::Cyan: return "\033[36m";
    }
    return {};
}

}  // namespace

Output::Output(Options options)
    : options_(std::move(options)),
      live_(!options_.json && ::isatty(STDOUT_FILENO) == 1 && !dumb_terminal()),
      color_out_(!options_.json && wants_color(options_.color, STDOUT_FILENO)),
      color_error_(!options_.json && wants_color(options_.color, STDERR_FILENO)) {}

bool Output::can_ask() const {
    return live_ && ::isatty(STDIN_FILENO) == 1;
}

std::string Output::ask(std::string_view question) {
    text(question);
    std::string line;
    if (!std::getline(std::cin, line))
        throw Error(ErrorCode::Interrupted, "no answer was given; nothing was recorded");
    return line;
}

std::size_t Output::width() const {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
    return size.ws_col;
}

std::string Output::styled(Style style, std::string_view text) const {
    if (!color_out_ || style == Style::Plain) return std::string(text);
    return std::string(code_of(style)) + std::string(text) + "\033[0m";
}

void Output::text(std::string_view text) noexcept {
    write(STDOUT_FILENO, text, out_gone_);
}

void Output::line(std::string_view text) noexcept {
    try {
        std::string whole(text);
        whole += '\n';
        write(STDOUT_FILENO, whole, out_gone_);
    } catch (const std::bad_alloc&) {  // in pieces then
        write(STDOUT_FILENO, text, out_gone_);
        write(STDOUT_FILENO, "\n", out_gone_);
    }
}

void Output::json_line(const Value& value) {
    line(json::write(value));
}

void Output::note(std::string_view text) noexcept {
    if (options_.quiet) return;
    for (const std::string_view piece :
         {std::string_view("drydock: "), text, std::string_view("\n")}) {
        write(STDERR_FILENO, piece, error_gone_);
    }
}

void Output::error(const Error& error) {
    if (options_.json) {
        Value::Map map{{"code", error_name(error.code())},
                       {"message", error.message()},
                       {"exit", exit_status(error.code())}};
        if (!error.hint().empty()) map.emplace("hint", error.hint());
        write(STDERR_FILENO, json::write(Value::Map{{"error", std::move(map)}}) + "\n",
              error_gone_);
        return;
    }
    std::string text = color_error_ ? "\033[31mdrydock:\033[0m " : "drydock: ";
    text += error.message() + "\n";
    if (!error.hint().empty()) text += "hint: " + error.hint() + "\n";
    write(STDERR_FILENO, text, error_gone_);
}

void Output::diagnostics(const runbook::Diagnostics& diagnostics) {
    std::string text;
    for (const runbook::Diagnostic& one : diagnostics) {
        if (!options_.json) {
            text += runbook::to_text(one);
            continue;
        }
        Value::Map map{{"path", one.path}, {"message", one.message}};
        if (!one.hint.empty()) map.emplace("hint", one.hint);
        if (one.place.line > 0) {
            map.emplace("line", static_cast<std::int64_t>(one.place.line));
            map.emplace("column", static_cast<std::int64_t>(one.place.column));
        }
        text += json::write(Value::Map{{"diagnostic", std::move(map)}}) + "\n";
    }
    write(STDERR_FILENO, text, error_gone_);
}

void Output::write(int fd, std::string_view text, bool& gone) noexcept {
    while (!gone && !text.empty()) {
        const ssize_t done = ::write(fd, text.data(), text.size());
        if (done > 0) {
            text.remove_prefix(static_cast<std::size_t>(done));
        } else if (errno != EINTR) {
            // The terminal was closed or the pipe's reader ended. The run has the journal.
            gone = true;
        }
    }
}

}  // namespace drydock::cli
