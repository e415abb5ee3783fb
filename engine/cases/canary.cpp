#include "engine/cases/canary.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/journal/open.h"
#include "engine/json/json.h"

namespace drydock::cases {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 256;

std::string percent(std::string_view text, bool all, bool capitals) {
    const std::string hex = crypto::to_hex(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool plain = std::isalnum(byte) != 0 || text[i] == '-' || text[i] == '_' ||
                           text[i] == '.' || text[i] == '~';
        if (plain && !all) {
            out += text[i];
            continue;
        }
        out += '%';
        for (const char digit : hex.substr(2 * i, 2))
            out += capitals ? static_cast<char>(std::toupper(digit)) : digit;
    }
    return out;
}

// The characters of base64 that `text` alone decides when `before` bytes stand before it.
std::string base64_inside(std::string_view text, std::size_t before) {
    const std::string whole = crypto::to_base64(std::string(before, '\0') + std::string(text));
    const std::size_t begin = (before * 8 + 5) / 6;
    const std::size_t end = (before + text.size()) * 8 / 6;
    return end > begin ? whole.substr(begin, end - begin) : std::string();
}

std::string found_in(std::string_view bytes, const std::vector<std::string>& disguises) {
    for (const std::string& disguise : disguises) {
        if (bytes.find(disguise) != std::string_view::npos) return disguise;
    }
    return {};
}

std::string in_events(const World& world, const std::vector<std::string>& disguises) {
    if (!fs::exists(world.journal())) return {};
    const auto reader = journal::open_reader(world.journal());
    for (const journal::RunRow& row : reader->list({.limit = 100})) {
        for (std::int64_t seq = 0;;) {
            const auto page = reader->events(row.n, seq, kPage);
            for (const journal::StoredEvent& event : page) {
                for (const std::string& text : {event.line, event.body.value_or("")}) {
                    if (const std::string as = found_in(text, disguises); !as.empty())
                        return "event " + std::to_string(event.seq) + " has it as " + as;
                }
            }
            if (page.size() < kPage) break;
            seq = page.back().seq;
        }
        for (const auto& [name, text] : reader->parts(row.n)) {
            if (!found_in(text, disguises).empty()) return "the frozen text " + name + " has it";
        }
    }
    return {};
}

}  // namespace

std::vector<std::string> disguises(std::string_view text) {
    std::vector<std::string> all{std::string(text), crypto::to_hex(text)};
    std::string capitals = all.back();
    std::ranges::transform(capitals, capitals.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    all.push_back(capitals);
    for (const bool every : {false, true}) {
        for (const bool upper : {false, true}) all.push_back(percent(text, every, upper));
    }
    const std::string json = json::write(Value(text));
    all.push_back(json.substr(1, json.size() - 2));
    for (std::size_t before = 0; before < 3; ++before) {
        std::string inside = base64_inside(text, before);
        if (inside.size() < 4) continue;  // would be found anywhere
        all.push_back(inside);
        std::ranges::replace(inside, '+', '-');
        std::ranges::replace(inside, '/', '_');
        all.push_back(inside);
    }
    std::ranges::sort(all);
    all.erase(std::ranges::unique(all).begin(), all.end());
    return all;
}

std::string place_of(std::string_view text, const World& world) {
    const std::vector<std::string> looked_for = disguises(text);
    if (std::string place = in_events(world, looked_for); !place.empty()) return place;
    for (const auto& entry : fs::recursive_directory_iterator(world.state())) {
        const std::string name = fs::relative(entry.path(), world.state());
        // What the case itself lets programs print.
        if (!entry.is_regular_file() || name.starts_with("stand-in.")) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        if (const std::string as = found_in(bytes, looked_for); !as.empty())
            return (name == "asked"                      ? "a program's arguments or an address has"
                    : name == "output" || name == "said" ? "what was printed has"
                                                         : name + " has") +
                   (" it as " + as);
    }
    return {};
}

}  // namespace drydock::cases
