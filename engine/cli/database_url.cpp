#include "engine/cli/database_url.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "engine/error.h"
#include "engine/sql/open.h"

namespace drydock::cli {
namespace {

struct Word {
    std::string_view keyword, variable;
};
constexpr std::array<Word, 6> kWords{{{"host", "POSTGRES_HOST"},
                                      {"port", "POSTGRES_PORT"},
                                      {"dbname", "POSTGRES_DB"},
                                      {"user", "POSTGRES_USER"},
                                      {"password", "POSTGRES_PASSWORD"},
                                      {"sslmode", "POSTGRES_SSLMODE"}}};
// Of the session alone, which is ours.
constexpr std::array<std::string_view, 3> kLeftOut{"application_name", "connect_timeout",
                                                   "fallback_application_name"};

config::Variables translated(std::string_view url) {
    config::Variables variables;
    for (const auto& [keyword, value] : sql::words_of_url(std::string(url))) {
        const auto known = std::ranges::find(kWords, keyword, &Word::keyword);
        if (known != kWords.end()) {
            variables.emplace(known->variable, value);
        } else if (std::ranges::find(kLeftOut, keyword) == kLeftOut.end()) {
            throw Error(ErrorCode::Usage,
                        "the database's URL says `" + keyword +
                            "`, which cannot be given to the session that way",
                        "leave it out; a runbook of your own can say more about its connection");
        }
    }
    return variables;
}

// Which word of a URL another variable says otherwise.
std::optional<std::string> contradiction(const config::Variables& words,
                                         const config::Variables& variables) {
    for (const auto& [name, value] : words) {
        const auto other = variables.find(name);
        if (other != variables.end() && other->second != value) return name;
    }
    return std::nullopt;
}

}  // namespace

void refuse_contradicted_url(const std::string& url, const config::Variables& variables) {
    const auto name = contradiction(variables_of_url(url), variables);
    if (!name) return;
    throw Error(ErrorCode::Usage,
                "DATABASE_URL and " + *name + " do not name the same, and one of them is not meant",
                "unset the one that is not, or say --database");
}

config::Variables variables_of_url(std::string_view url) {
    try {
        return translated(url);
    } catch (const Error& error) {
        throw Error(ErrorCode::Usage, error.message(), error.hint());
    }
}

void add_database_url(config::Variables& variables) {
    const auto url = variables.find("DATABASE_URL");
    if (url == variables.end() || !is_server_url(url->second)) return;
    try {
        config::Variables words = translated(url->second);
        if (!contradiction(words, variables)) variables.merge(words);
    } catch (const Error&) {
        // It is meant for another program. A command that goes by it says what is wrong.
        return;
    }
}

std::string file_of_url(std::string_view url) {
    for (const std::string_view scheme : {"sqlite3:", "sqlite:"}) {
        if (!url.starts_with(scheme)) continue;
        std::string_view path = url.substr(scheme.size());
        if (path.starts_with("//")) path.remove_prefix(2);
        return std::string(path.substr(0, path.find('?')));
    }
    return {};
}

bool is_server_url(std::string_view url) {
    return url.starts_with("postgres://") || url.starts_with("postgresql://");
}

}  // namespace drydock::cli
