#include "engine/json/utf8.h"

#include <cstdint>
#include <cstring>

#include "engine/json/json.h"

namespace drydock::json {
namespace {

struct Lead {
    std::size_t length;     // of the whole sequence; 0: cannot lead one
    unsigned char lowest;   // bounds of the second byte; all further ones are 80..BF
    unsigned char highest;
};

// Unicode 15, table 3-7, "Well-Formed UTF-8 Byte Sequences".
Lead lead(unsigned char first) noexcept {
    if (first < 0x80) return {1, 0, 0};
    if (first < 0xC2) return {0, 0, 0};
    if (first < 0xE0) return {2, 0x80, 0xBF};
    if (first == 0xE0) return {3, 0xA0, 0xBF};
    if (first == 0xED) return {3, 0x80, 0x9F};
    if (first < 0xF0) return {3, 0x80, 0xBF};
    if (first == 0xF0) return {4, 0x90, 0xBF};
    if (first < 0xF4) return {4, 0x80, 0xBF};
    if (first == 0xF4) return {4, 0x80, 0x8F};
    return {0, 0, 0};
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const Lead head = lead(byte(0));
    if (head.length <= 1) return head.length;
    if (text.size() < head.length) return 0;
    if (byte(1) < head.lowest || byte(1) > head.highest) return 0;
    for (std::size_t at = 2; at < head.length; ++at) {
        if ((byte(at) & 0xC0) != 0x80) return 0;
    }
    return head.length;
}

std::size_t ascii_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & 0x8080808080808080U) != 0) break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
    return at;
}

bool is_utf8(std::string_view text) {
    while (true) {
        text.remove_prefix(ascii_prefix(text));
        if (text.empty()) return true;
        const std::size_t length = utf8_sequence(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
}

std::string to_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        out += length == 0 ? kReplacement : text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

}  // namespace drydock::json
