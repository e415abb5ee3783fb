#include "engine/cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

namespace drydock::cli {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

std::tm local(std::int64_t micros) {
    const std::time_t seconds = micros / kSecond;
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    return parts;
}

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }
bool control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }

std::vector<std::size_t> widths_of(const Table& table, std::size_t width) {
    std::vector<std::size_t> widths;
    const auto widen = [&](const std::vector<std::string>& row) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], columns(row[i]));
    };
    widen(table.head);
    for (const auto& row : table.rows) widen(row);
    std::size_t whole = widths.empty() ? 0 : 2 * (widths.size() - 1);
    for (const std::size_t one : widths) whole += one;
    if (whole <= width || table.flexible >= widths.size()) return widths;
    std::size_t& flexible = widths[table.flexible];
    const std::size_t too_much = std::min(whole - width, flexible > 10 ? flexible - 10 : 0);
    flexible -= too_much;
    return widths;
}

}  // namespace

std::string moment(std::int64_t micros, std::int64_t now_micros) {
    const std::tm then = local(micros);
    const std::tm now = local(now_micros);
    const bool today = then.tm_year == now.tm_year && then.tm_yday == now.tm_yday;
    const std::int64_t apart = micros > now_micros ? micros - now_micros : now_micros - micros;
    char text[32];
    const char* format = today ? "%H:%M" : apart < 6 * kDay ? "%a %H:%M" : "%Y-%m-%d %H:%M";
    const std::size_t length = std::strftime(text, sizeof text, format, &then);
    return {text, length};
}

std::string span(std::int64_t micros) {
    micros = std::max<std::int64_t>(micros, 0);
    if (micros < 10 * kSecond)
        return fmt::format("{:.1f} s", static_cast<double>(micros) / kSecond);
    if (micros < kMinute) return fmt::format("{} s", micros / kSecond);
    if (micros < kHour)
        return fmt::format("{} min {} s", micros / kMinute, micros % kMinute / kSecond);
    if (micros < kDay) return fmt::format("{} h {} min", micros / kHour, micros % kHour / kMinute);
    return fmt::format("{} d {} h", micros / kDay, micros % kDay / kHour);
}

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    const std::ptrdiff_t first = number < 0 ? 1 : 0;
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

std::string amount(std::int64_t bytes) {
    constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    auto size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size >= 1024 && unit + 1 < kUnits.size()) {
        size /= 1024;
        ++unit;
    }
    const bool whole = unit == 0 || size >= 100 || size == std::floor(size);
    return whole ? fmt::format("{:.0f} {}", size, kUnits[unit])
                 : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return !continues(byte) && !control(byte); }));
}

std::string fitted(std::string_view text, std::size_t width) {
    std::string out;
    std::size_t used = 0;
    const std::size_t needed =
        columns(text) + static_cast<std::size_t>(std::ranges::count(text, '\n'));
    const bool cut = needed > width;
    for (const char byte : text) {
        if (control(byte) && byte != '\n' && byte != '\t') continue;
        const char shown = control(byte) ? ' ' : byte;
        if (!continues(shown)) {
            if (cut && used + 1 >= width) break;
            ++used;
        }
        out += shown;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return cut && width > 0 ? out + "…" : out;
}

std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    const std::size_t used = columns(text);
    if (used < width) out.append(width - used, ' ');
    return out;
}

std::vector<std::string> lines_in(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<std::string> laid_out(const std::string& lead, const std::vector<std::string>& items,
                                  std::string_view between, std::size_t width) {
    std::vector<std::string> lines;
    std::string line = lead;
    bool first = true;
    for (const std::string& item : items) {
        if (!first && columns(line) + columns(between) + columns(item) > width) {
            lines.push_back(std::move(line));
            line = std::string(columns(lead), ' ');
            first = true;
        }
        if (!first) line += between;
        line += item;
        first = false;
    }
    lines.push_back(std::move(line));
    return lines;
}

std::vector<std::string> wrapped(const std::string& lead, std::string_view text,
                                 std::size_t width) {
    std::vector<std::string> words(1);
    for (const char byte : text) {
        if (byte == ' ' || byte == '\n') words.emplace_back();
        else words.back() += byte;
    }
    std::erase(words, "");
    return laid_out(lead, words, " ", width);
}

std::string in_short(const Value& value, std::size_t width) {
    const auto* map = value.find<Value::Map>();
    if (map == nullptr) return value.is_null() ? std::string() : fitted(to_text(value), width);
    std::string out;
    for (const auto& [name, member] : *map) {
        if (member.is_null() || member.holds<Value::List>() || member.holds<Value::Map>()) continue;
        if (!out.empty()) out += ' ';
        out += name + "=" + to_text(member);
    }
    return fitted(out, width);
}

std::vector<std::string> lines_of(const Table& table, std::size_t width) {
    const std::vector<std::size_t> widths = widths_of(table, width);
    std::vector<std::string> lines;
    const auto add = [&](const std::vector<std::string>& row) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) line += "  ";
            line += padded(fitted(row[i], widths[i]), widths[i]);
        }
        while (!line.empty() && line.back() == ' ') line.pop_back();
        lines.push_back(std::move(line));
    };
    if (!table.head.empty()) add(table.head);
    for (const auto& row : table.rows) add(row);
    return lines;
}

}  // namespace drydock::cli
