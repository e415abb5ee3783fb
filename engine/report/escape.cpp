#include "engine/report/escape.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "engine/json/json.h"

namespace drydock::report {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

// One character off the front of well-formed UTF-8.
struct Character {
    std::uint32_t code = 0;
    std::string_view bytes;
};
Character take(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
        code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    const Character taken{code, text.substr(0, length)};
    text.remove_prefix(length);
    return taken;
}

struct Range {
    std::uint32_t first, last;
};
// Controls; marks that turn the direction of writing; characters without width; what breaks lines
// or annotates; tags; what is private or no character.
constexpr std::array<Range, 13> kUnseen{{{0x00, 0x1F},
                                         {0x7F, 0x9F},
                                         {0xAD, 0xAD},
                                         {0x61C, 0x61C},
                                         {0x180E, 0x180E},
                                         {0x200B, 0x200F},
                                         {0x2028, 0x202E},
                                         {0x2060, 0x206F},
                                         {0xFEFF, 0xFEFF},
                                         {0xFFF9, 0xFFFB},
                                         {0xE000, 0xF8FF},
                                         {0xE0000, 0xE0FFF},
                                         {0xF0000, 0x10FFFF}}};

bool unseen(std::uint32_t code) {
    for (const Range& range : kUnseen) {
        if (code >= range.first && code <= range.last) return true;
    }
    return false;
}

std::string named(std::uint32_t code) {
    return fmt::format("⟨U+{:04X}⟩", code);
}

std::string_view html_entity(std::uint32_t code) {
    switch (code) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '"': return "&quot;";
        case '\'': return "&#39;";
        default: return {};
    }
}

std::string formatted(std::int64_t micros, const char* format) {
    const std::time_t seconds = micros / kSecond;
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    std::array<char, 40> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace

std::string html_text(std::string_view text) {
    const std::string sound = json::to_utf8(text);
    std::string out;
    for (std::string_view rest = sound; !rest.empty();) {
        const Character one = take(rest);
        if (one.code == '\n' || one.code == '\t')
            out += one.bytes;
        else if (unseen(one.code))
            out += named(one.code);
        else if (const std::string_view entity = html_entity(one.code); !entity.empty())
            out += entity;
        else
            out += one.bytes;
    }
    return out;
}

// A backslash before a mark takes its meaning away; < and & could begin HTML, so they go as
// entities. Marks that mean something only where a line begins (#, -, 1.) stay: no text does.
std::string markdown_text(std::string_view text) {
    constexpr std::string_view kMarks = "\\`*_[]|~";
    const std::string sound = json::to_utf8(text);
    std::string out;
    for (std::string_view rest = sound; !rest.empty();) {
        const Character one = take(rest);
        if (one.code == '\n' || one.code == '\t')
            out += ' ';
        else if (unseen(one.code))
            out += named(one.code);
        else if (one.code == '&' || one.code == '<' || one.code == '>')
            out += html_entity(one.code);
        else if (one.code == ':' && rest.starts_with("//"))
            out += "\\:";  // or it would become a link
        else if (one.bytes.size() == 1 && kMarks.find(one.bytes.front()) != std::string_view::npos)
            (out += '\\') += one.bytes;
        else
            out += one.bytes;
    }
    return out;
}

std::string moment(std::int64_t micros) {
    return formatted(micros, "%Y-%m-%d %H:%M:%S");
}

std::string moment(std::int64_t micros, std::int64_t day) {
    const bool same = formatted(micros, "%Y-%m-%d") == formatted(day, "%Y-%m-%d");
    return same ? formatted(micros, "%H:%M:%S") : moment(micros);
}

std::string zone(std::int64_t micros) {
    const std::string name = formatted(micros, "%Z");
    return name == "UTC" ? name : formatted(micros, "%z");
}

std::string span(std::int64_t micros) {
    const std::int64_t seconds = micros / kSecond;
    if (seconds < 10) return fmt::format("{:.1f} s", static_cast<double>(micros) / kSecond);
    if (seconds < 60) return fmt::format("{} s", seconds);
    if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

}  // namespace drydock::report
