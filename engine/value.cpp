#include "engine/value.h"

#include <date/date.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "engine/check.h"

namespace drydock {
namespace {

constexpr std::array<std::string_view, 11> kKinds{"null",     "boolean", "integer",   "number",
                                                  "string",   "duration", "size",     "timestamp",
                                                  "secret",   "list",     "map"};
static_assert(std::variant_size_v<Value::Held> == kKinds.size());

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string nested(const Value& value) {
    const auto* text = value.find<std::string>();
    return text != nullptr ? quoted(*text) : to_text(value);
}

std::string list_text(const Value::List& list) {
    std::string out = "[";
    for (const Value& item : list) {
        if (out.size() > 1) out += ", ";
        out += nested(item);
    }
    return out + "]";
}

std::string map_text(const Value::Map& map) {
    std::string out = "{";
    for (const auto& [key, item] : map) {
        if (out.size() > 1) out += ", ";
        out += key + ": " + nested(item);
    }
    return out + "}";
}

}  // namespace

void Value::wrong_kind() { CHECK(!"a value of this kind"); }

const Value* Value::member(std::string_view key) const noexcept {
    const auto* map = find<Map>();
    if (map == nullptr) return nullptr;
    const auto found = map->find(key);
    return found == map->end() ? nullptr : &found->second;
}

std::string_view Value::kind() const noexcept { return kKinds[held_.index()]; }

bool Value::contains_secret() const noexcept {
    if (holds<Secret>()) return true;
    if (const auto* list = find<List>()) {
        for (const Value& item : *list) {
            if (item.contains_secret()) return true;
        }
    }
    if (const auto* map = find<Map>()) {
        for (const auto& [key, item] : *map) {
            if (item.contains_secret()) return true;
        }
    }
    return false;
}

std::string to_text(double number) {
    if (std::isnan(number)) return "nan";
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    std::string text(buffer.data(), end);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::string to_text(Duration duration) {
    std::int64_t rest = duration.length.count();
    if (rest == 0) return "0s";
    std::string out = rest < 0 ? "-" : "";
    if (rest < 0) rest = -rest;
    struct Unit {
        std::int64_t micros;
        const char* name;
    };
    static constexpr std::array<Unit, 6> kUnits{{{86'400'000'000, "d"},
                                                 {3'600'000'000, "h"},
                                                 {60'000'000, "m"},
                                                 {1'000'000, "s"},
                                                 {1'000, "ms"},
                                                 {1, "us"}}};
    for (const Unit& unit : kUnits) {
        const std::int64_t count = rest / unit.micros;
        if (count == 0) continue;
        out += std::to_string(count) + unit.name;
        rest -= count * unit.micros;
    }
    return out;
}

std::string to_text(Size size) {
    static constexpr std::array<const char*, 7> kUnits{"B",   "KiB", "MiB", "GiB",
                                                       "TiB", "PiB", "EiB"};
    double number = static_cast<double>(size.bytes);
    std::size_t unit = 0;
    while (std::abs(number) >= 1024 && unit + 1 < kUnits.size()) {
        number /= 1024;
        ++unit;
    }
    std::array<char, 40> buffer{};
    std::snprintf(buffer.data(), buffer.size(), unit == 0 ? "%.0f" : "%.1f", number);
    std::string text = buffer.data();
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text + kUnits[unit];
}

std::string to_text(Timestamp timestamp) {
    const date::sys_time<Microseconds> point{Microseconds(timestamp.micros)};
    const auto whole = date::floor<std::chrono::seconds>(point);
    if (whole == point) return date::format("%FT%TZ", whole);
    return date::format("%FT%TZ", point);
}

std::string to_text(const Value& value) {
    struct Writer {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return drydock::to_text(number); }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(Duration duration) const { return drydock::to_text(duration); }
        std::string operator()(Size size) const { return drydock::to_text(size); }
        std::string operator()(Timestamp timestamp) const { return drydock::to_text(timestamp); }
        std::string operator()(const Secret& secret) const { return secret.shown(); }
        std::string operator()(const Value::List& list) const { return list_text(list); }
        std::string operator()(const Value::Map& map) const { return map_text(map); }
    };
    return std::visit(Writer{}, value.held());
}

}  // namespace drydock
