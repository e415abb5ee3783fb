#include "engine/config/env_file.h"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "engine/config/private_file.h"
#include "engine/error.h"

namespace drydock::config {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

bool is_key(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
        return letter(c) || (c >= '0' && c <= '9');
    });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

class EnvFileReader final {
  public:
    EnvFileReader(std::string_view text, const std::string& path) : rest_(text), path_(path) {}

    EnvFileResult read() {
        while (!rest_.empty()) {
            ++number_;
            const std::size_t end = std::min(rest_.find('\n'), rest_.size());
            std::string_view one = rest_.substr(0, end);
            rest_.remove_prefix(std::min(end + 1, rest_.size()));
            if (one.ends_with('\r')) one.remove_suffix(1);
            line(one);
        }
        return std::move(result_);
    }

  private:
    void problem(std::size_t offset, std::string message, std::string hint) {
        const runbook::Place place{.line = number_,
                                   .column = static_cast<std::uint32_t>(offset + 1)};
        result_.diagnostics.push_back({.path = path_,
                                       .place = place,
                                       .message = std::move(message),
                                       .hint = std::move(hint),
                                       .source_line = {}});
    }

    void line(std::string_view whole) {
        std::string_view text = trimmed(whole);
        if (text.empty() || text.starts_with('#')) return;
        if (text.starts_with("export ")) text = trimmed(text.substr(7));
        const std::size_t equals = text.find('=');
        const std::string_view key = trimmed(text.substr(0, equals));
        const auto offset = static_cast<std::size_t>(text.data() - whole.data());
        // A program would see the value only up to there.
        if (const std::size_t zero = whole.find('\0'); zero != std::string_view::npos)
            return problem(zero, "this line holds a zero byte", "");
        if (equals == std::string_view::npos)
            return problem(offset, "this line is no KEY=VALUE", "begin a comment with #");
        if (!is_key(key))
            return problem(offset, "before = stands no name of a variable",
                           "letters, digits and `_`, not a digit first");
        const std::string_view written = trimmed(text.substr(equals + 1));
        const std::size_t at = written.empty()
                                   ? whole.size()
                                   : static_cast<std::size_t>(written.data() - whole.data());
        if (auto read = value(written, at))
            result_.variables.insert_or_assign(std::string(key), *std::move(read));
    }

    std::optional<std::string> value(std::string_view written, std::size_t at) {
        if (written.starts_with('\'') || written.starts_with('"')) return quoted(written, at);
        const std::size_t comment = std::min(written.find(" #"), written.find("\t#"));
        return std::string(trimmed(written.substr(0, comment)));
    }

    std::optional<std::string> quoted(std::string_view written, std::size_t at) {
        const char quote = written[0];
        std::string made;
        for (std::size_t i = 1; i < written.size(); ++i) {
            char c = written[i];
            if (c == quote) {
                const std::string_view after = trimmed(written.substr(i + 1));
                if (after.empty() || after.starts_with('#')) return made;
                problem(at + i + 1, "something stands behind the closing quote",
                        "put all of the value inside the quotes");
                return std::nullopt;
            }
            if (quote == '"' && c == '\\' && i + 1 < written.size()) {
                c = written[++i];
                if (c == 'n') c = '\n';
                else if (c == 't') c = '\t';
                else if (c != '"' && c != '\\' && c != '$') made += '\\';
            }
            made += c;
        }
        problem(at, "this quote is not closed on its line",
                "write a line break as \\n in double quotes");
        return std::nullopt;
    }

    std::string_view rest_;
    const std::string& path_;
    std::uint32_t number_ = 0;
    EnvFileResult result_;
};

}  // namespace

EnvFileResult parse_env_file(std::string_view text, const std::string& path) {
    return EnvFileReader(text, path).read();
}

Variables read_env_file(const std::string& path) {
    EnvFileResult result = parse_env_file(read_private_file(path, kLargestFile), path);
    if (result.diagnostics.empty()) return std::move(result.variables);
    const runbook::Diagnostic& first = result.diagnostics.front();
    throw Error(ErrorCode::Document,
                path + ":" + std::to_string(first.place.line) + ":" +
                    std::to_string(first.place.column) + ": " + first.message,
                first.hint);
}

Variables process_variables() {
    Variables found;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view one(*entry);
        const std::size_t equals = one.find('=');
        if (equals != std::string_view::npos)
            found.emplace(one.substr(0, equals), one.substr(equals + 1));
    }
    return found;
}

}  // namespace drydock::config
