#include "engine/runbook/fields.h"

#include <algorithm>
#include <charconv>

#include "engine/check.h"

namespace drydock::runbook {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        if (!out.empty()) out += ", ";
        out += word;
    }
    return out;
}

bool lists(const KeyTable& table, std::string_view key) {
    return std::ranges::find(table.keys, key, &Key::name) != table.keys.end();
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Fields::Fields(const SourceNode& node, std::string what, Report& report)
    : node_(node), what_(std::move(what)), report_(report) {
    if (!node.is_map()) {
        report.add(node.place,
                   what_ + " is a map of keys, here stands " + std::string(shape_of(node)),
                   "write `key: value` lines");
    }
}

Fields::Fields(const SourceNode& node, std::string what, const KeyTable& table, Report& report)
    : Fields(node, std::move(what), report) {
    table_ = &table;
}

const SourceNode* Fields::take(std::string_view key) {
    CHECK(table_ == nullptr || lists(*table_, key));
    known_.emplace_back(key);
    return node_.find(key);
}

const SourceNode* Fields::require(std::string_view key, std::string_view hint) {
    const SourceNode* found = take(key);
    if (found == nullptr && is_map()) {
        report_.add(node_.place, what_ + " has no `" + std::string(key) + "`", std::string(hint));
    }
    return found;
}

void Fields::reserve(std::string_view key) { reserved_.emplace_back(key); }

void Fields::overlook(std::string_view key) { overlooked_.emplace_back(key); }

void Fields::finish() {
    CHECK(table_ == nullptr || known_.size() == table_->keys.size());
    for (const SourceNode::Member& member : node_.members) {
        if (contains(known_, member.key) || contains(overlooked_, member.key)) continue;
        if (contains(reserved_, member.key)) {
            report_.add(member.key_place, "`" + member.key + "` is reserved for later",
                        "this version does not know it yet: write the steps out");
            continue;
        }
        report_.add(member.key_place, what_ + " has no key `" + member.key + "`",
                    nearest_hint(member.key, known_, "known keys: " + joined(known_)));
    }
}

Place Fields::key_place(std::string_view key) const {
    for (const SourceNode::Member& member : node_.members) {
        if (member.key == key) return member.key_place;
    }
    return node_.place;
}

std::optional<std::string> read_text(const SourceNode& node, std::string_view what,
                                     Report& report) {
    if (node.is_scalar() && !node.is_null()) return node.text;
    report.add(node.place,
               std::string(what) + " is a text, here stands " + std::string(shape_of(node)));
    return std::nullopt;
}

std::optional<bool> read_boolean(const SourceNode& node, std::string_view what, Report& report) {
    if (node.is_scalar() && node.text == "true") return true;
    if (node.is_scalar() && node.text == "false") return false;
    report.add(node.place, std::string(what) + " is true or false",
               "write true or false, not yes, on or 1");
    return std::nullopt;
}

std::optional<std::int64_t> read_integer(const SourceNode& node, std::string_view what,
                                         Report& report) {
    std::int64_t number = 0;
    const char* end = node.text.data() + node.text.size();
    if (node.is_scalar() && !node.text.empty()) {
        const auto [rest, error] = std::from_chars(node.text.data(), end, number);
        if (error == std::errc() && rest == end) return number;
    }
    report.add(node.place, std::string(what) + " is a whole number");
    return std::nullopt;
}

std::optional<std::size_t> read_word(const SourceNode& node, std::string_view what,
                                     const std::vector<std::string>& words, Report& report) {
    const auto found = std::find(words.begin(), words.end(), node.text);
    if (node.is_scalar() && found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    report.add(node.place, std::string(what) + " is one of " + joined(words),
               node.is_scalar() ? nearest_hint(node.text, words, "") : "");
    return std::nullopt;
}

bool is_name(std::string_view text, std::string_view extra) {
    const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
    if (text.empty() || text.size() > 64 || !small(text[0])) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return small(c) || (c >= '0' && c <= '9') || extra.find(c) != std::string_view::npos;
    });
}

std::optional<std::string> read_name(const SourceNode& node, std::string_view what,
                                     std::string_view extra, Report& report) {
    const auto text = read_text(node, what, report);
    if (!text || is_name(*text, extra)) return text;
    const std::string also = extra.empty() ? "" : " and `" + std::string(extra) + "`";
    report.add(node.place, std::string(what) + " is `" + *text + "`, which is no name",
               "a small letter first, then small letters, digits" + also + ", at most 64");
    return std::nullopt;
}

std::vector<std::string> read_texts(const SourceNode& node, std::string_view what, Report& report) {
    std::vector<std::string> texts;
    if (!node.is_list()) {
        report.add(node.place,
                   std::string(what) + " is a list, here stands " + std::string(shape_of(node)),
                   "write [one, two]");
        return texts;
    }
    for (const SourceNode& item : node.items) {
        if (auto text = read_text(item, "an entry of " + std::string(what), report))
            texts.push_back(*text);
    }
    return texts;
}

std::string nearest_hint(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view otherwise) {
    const std::string nearest = did_you_mean(word, candidates);
    return nearest.empty() ? std::string(otherwise) : "did you mean `" + nearest + "`?";
}

}  // namespace drydock::runbook
