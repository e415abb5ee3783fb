#include "engine/config/redaction.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/crypto/digest.h"
#include "engine/json/json.h"

namespace drydock::config {
namespace {

constexpr std::size_t kShortest = 4;       // also the length of the prefix that is looked up
constexpr std::size_t kShortestLine = 8;   // of a secret with several lines

std::uint32_t prefix_of(const char* bytes) {
    std::uint32_t prefix = 0;
    std::memcpy(&prefix, bytes, kShortest);
    return prefix;
}

std::uint32_t slot_of(std::uint32_t prefix) { return (prefix * 2654435761U) >> 16U; }

// Base64 of `text` when `shift` bytes stand before it: the characters that depend on the text
// alone.
std::string base64_inner(const std::string& text, std::size_t shift) {
    static constexpr std::array<std::size_t, 3> kMixed{0, 2, 3};
    const std::string encoded = crypto::to_base64(std::string(shift, '\0') + text);
    const std::size_t sure = (shift + text.size()) * 8 / 6;
    return encoded.substr(kMixed[shift], sure - kMixed[shift]);
}

std::string percent_encoded(const std::string& text, bool capital, bool plus) {
    const std::string digits = capital ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || std::strchr("-._~", c) != nullptr;
        if (kept && c != '\0') {
            out += c;
        } else if (c == ' ' && plus) {
            out += '+';
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

std::string in_capitals(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

std::string url_alphabet(std::string text) {
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

}  // namespace

void Redactor::add(const Secret& secret) {
    const std::string& text = secret.reveal();
    const std::string shown = secret.shown();
    add_encodings(text, shown);
    std::size_t begin = 0;
    while (text.find('\n') != std::string::npos && begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        if (line.ends_with('\r')) line.pop_back();
        if (line.size() >= kShortestLine) add_encodings(line, shown);
        begin = end + 1;
    }
}

void Redactor::add_encodings(const std::string& text, const std::string& shown) {
    if (text.size() < kShortest) return;
    add_pattern(text, shown);
    for (std::size_t shift = 0; shift < 3; ++shift) {
        const std::string encoded = base64_inner(text, shift);
        add_pattern(encoded, shown);
        add_pattern(url_alphabet(encoded), shown);
    }
    const std::string hex = crypto::to_hex(text);
    add_pattern(hex, shown);
    add_pattern(in_capitals(hex), shown);
    for (const bool capital : {true, false}) {
        add_pattern(percent_encoded(text, capital, false), shown);
        add_pattern(percent_encoded(text, capital, true), shown);
    }
    if (json::is_utf8(text)) {
        const std::string quoted = json::write(Value(text));
        add_pattern(quoted.substr(1, quoted.size() - 2), shown);
    }
}

void Redactor::add_pattern(std::string text, const std::string& shown) {
    if (text.size() < kShortest) return;
    const std::uint32_t prefix = prefix_of(text.data());
    std::vector<std::size_t>& same = by_prefix_[prefix];
    for (const std::size_t index : same) {
        if (patterns_[index].text == text) return;
    }
    patterns_.push_back({std::move(text), shown});
    same.push_back(patterns_.size() - 1);
    std::sort(same.begin(), same.end(), [&](std::size_t left, std::size_t right) {
        return patterns_[left].text.size() > patterns_[right].text.size();
    });
    const std::uint32_t slot = slot_of(prefix);
    maybe_[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

const Redactor::Pattern* Redactor::match(std::string_view text, std::size_t at) const {
    if (text.size() - at < kShortest) return nullptr;
    const std::uint32_t prefix = prefix_of(text.data() + at);
    const std::uint32_t slot = slot_of(prefix);
    if ((maybe_[slot / 64] >> (slot % 64) & 1U) == 0) return nullptr;
    const auto same = by_prefix_.find(prefix);
    if (same == by_prefix_.end()) return nullptr;
    for (const std::size_t index : same->second) {
        if (text.substr(at, patterns_[index].text.size()) == patterns_[index].text)
            return &patterns_[index];
    }
    return nullptr;
}

std::vector<Redactor::Span> Redactor::find(std::string_view text) const {
    std::vector<Span> spans;
    for (std::size_t at = 0; !patterns_.empty() && at + kShortest <= text.size(); ++at) {
        const Pattern* found = match(text, at);
        if (found == nullptr) continue;
        std::size_t end = at + found->text.size();
        // Another secret may begin inside this one and go on behind it.
        for (std::size_t inside = at + 1; inside < end; ++inside) {
            const Pattern* other = match(text, inside);
            if (other != nullptr) end = std::max(end, inside + other->text.size());
        }
        spans.push_back({at, end, found});
        at = end - 1;
    }
    return spans;
}

std::string Redactor::redact(std::string_view text) const {
    std::string out;
    std::size_t kept = 0;  // everything before it is in `out`
    for (const Span& span : find(text)) {
        out += text.substr(kept, span.begin - kept);
        out += span.pattern->shown;
        kept = span.end;
    }
    return out.append(text.substr(kept));
}

Value Redactor::redact(const Value& value) const {
    if (const auto* text = value.find<std::string>()) return redact(std::string_view(*text));
    if (const auto* list = value.find<Value::List>()) {
        Value::List made;
        for (const Value& item : *list) made.push_back(redact(item));
        return made;
    }
    if (const auto* map = value.find<Value::Map>()) {
        Value::Map made;
        for (const auto& [key, item] : *map) made[redact(key)] = redact(item);
        return made;
    }
    return value;
}

std::size_t Redactor::decided(std::string_view text) const {
    std::size_t longest = 0;  // the longest end of `text` that is the beginning of a pattern
    for (const Pattern& pattern : patterns_) {
        const std::string_view whole = pattern.text;
        for (std::size_t length = std::min(whole.size() - 1, text.size()); length > longest;
             --length) {
            if (text.ends_with(whole.substr(0, length))) longest = length;
        }
    }
    const std::size_t boundary = text.size() - longest;
    for (const Span& span : find(text)) {
        if (span.begin < boundary && boundary < span.end) return span.begin;
    }
    return boundary;
}

std::string RedactingStream::push(std::string_view piece) {
    held_ += piece;
    const std::string ready = held_.substr(0, redactor_.decided(held_));
    held_.erase(0, ready.size());
    return redactor_.redact(ready);
}

std::string RedactingStream::finish() { return redactor_.redact(std::exchange(held_, {})); }

}  // namespace drydock::config
