#include "engine/redis/errors.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/redis/commands.h"

namespace drydock::redis {
namespace {

struct Meaning {
    std::string_view code;  // the first word
    ErrorCode kind;
    std::string_view hint;
};

constexpr std::array kMeanings{
    Meaning{"NOAUTH", ErrorCode::Permission,
            "the server wants a login: give the connection a user and a password from secrets:"},
    Meaning{"WRONGPASS", ErrorCode::Permission,
            "look at user and password of the connection, and whether the user is on"},
    Meaning{"READONLY", ErrorCode::Permission,
            "this server is a replica: name its primary in the connection (INFO replication "
            "says which)"},
    Meaning{"OOM", ErrorCode::Redis,
            "the server has reached maxmemory: make room or raise it, then resume"},
    Meaning{"MISCONF", ErrorCode::File,
            "the server cannot save to its disk and refuses to write: look at its log and at the "
            "disk"},
    Meaning{"LOADING", ErrorCode::Busy,
            "the server is loading its data; try again in a moment, or give the step retry:"},
    Meaning{"BUSY", ErrorCode::Busy,
            "a script is running on the server: SCRIPT KILL ends one that has written nothing"},
    Meaning{"TRYAGAIN", ErrorCode::Busy, "slots of the cluster are being moved; try again later"},
    Meaning{"MOVED", ErrorCode::Connection,
            "the key lives on another node of the cluster: name that node in the connection"},
    Meaning{"ASK", ErrorCode::Connection,
            "the key is being moved to another node of the cluster; try again later"},
    Meaning{"CROSSSLOT", ErrorCode::Redis,
            "in a cluster all keys of one command must share a slot: use a {hash tag}"},
    Meaning{"CLUSTERDOWN", ErrorCode::Connection, "the cluster is down: CLUSTER INFO says why"},
    Meaning{"MASTERDOWN", ErrorCode::Connection,
            "the replica has lost its primary: look at the primary and the network between"},
    Meaning{"NOREPLICAS", ErrorCode::Redis,
            "too few replicas are connected (min-replicas-to-write): look at them, then resume"},
    Meaning{"WRONGTYPE", ErrorCode::Redis, "the key holds another type: TYPE says which"},
    Meaning{"NOSCRIPT", ErrorCode::Redis, "give the script itself: :eval(script, …)"},
};

std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return made;
}

// Which rule of the user's would let it through.
std::string acl_hint(const Words& words, std::string_view said) {
    const bool key = said.find("key") != std::string_view::npos;
    const bool channel = said.find("channel") != std::string_view::npos;
    if (channel) return "ACL SETUSER … &CHANNEL lets the user use it";
    if (key) return "ACL SETUSER … ~PATTERN lets the user use keys like these";
    std::string name = lower(command_name(words));
    std::ranges::replace(name, ' ', '|');
    return "ACL SETUSER … +" + name + " lets the user run it";
}

// Servers repeat what they were given ("with args beginning with: …", "Invalid argument '…'").
std::string without_arguments(std::string text, const Words& words) {
    const std::size_t repeated = text.find(", with args beginning with");
    if (repeated != std::string::npos) text.erase(repeated);
    constexpr std::size_t kWorthHiding = 3;
    const std::size_t named = command_word_count(words);
    for (std::size_t i = named; i < words.size(); ++i) {
        if (words[i].size() < kWorthHiding) continue;
        for (std::size_t at = text.find(words[i]); at != std::string::npos;
             at = text.find(words[i], at + 1))
            text.replace(at, words[i].size(), "…");
    }
    return text;
}

bool is_code(std::string_view word) {
    return !word.empty() &&
           std::ranges::all_of(word, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

// One line, no bytes that are no text.
std::string readable(std::string_view text) {
    std::string made;
    for (const char c : text.substr(0, 500))
        made += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return made;
}

}  // namespace

std::string command_name(const Words& words) {
    std::string name;
    for (std::size_t i = 0; i < command_word_count(words); ++i)
        name += (i > 0 ? " " : "") + upper(words[i]);
    return readable(name.substr(0, 64));
}

Error error_from(const Reply& reply, const Words& words) {
    std::string_view said = reply.text;
    std::string code;
    if (const std::size_t blank = said.find(' ');
        blank != std::string_view::npos && is_code(said.substr(0, blank))) {
        code = said.substr(0, blank);
        said.remove_prefix(blank + 1);
    }
    const std::string text =
        command_name(words) + ": " + readable(without_arguments(std::string(said), words));
    if (code == "NOPERM") return {ErrorCode::Permission, text, acl_hint(words, said), code};
    const auto* const meaning =
        std::ranges::find_if(kMeanings, [&](const Meaning& one) { return one.code == code; });
    if (meaning != kMeanings.end()) return {meaning->kind, text, std::string(meaning->hint), code};
    if (said.starts_with("unknown command"))
        return {ErrorCode::Redis, text, "look at the command's name and the server's version",
                code};
    return {ErrorCode::Redis, text, {}, code};
}

}  // namespace drydock::redis
