#include "engine/runbook/scalar.h"

#include <cmath>
#include <filesystem>

#include "engine/runbook/numbers.h"
#include "engine/runbook/quantity.h"

namespace drydock::runbook {
namespace {

std::optional<Value> path(const std::string& text, Type type, const Folders* folders) {
    if (text.empty()) return std::nullopt;
    if (folders == nullptr) return Value(text);
    return Value(
        absolute_path(text, type == Type::Source ? folders->runbook : folders->working));
}

}  // namespace

std::string_view example_of(Type type) {
    switch (type) {
        case Type::Duration: return "write a number with its unit: 500ms, 30s, 1h30m, 90d";
        case Type::Size: return "write a number with its unit: 512KiB, 1.5GiB, 0B";
        case Type::Timestamp:
            return "write date, time and zone: 2026-11-21T02:00:00Z or 2026-11-21 03:00+01:00";
        case Type::Boolean: return "write true or false";
        case Type::List: return "write [one, two], or one `- item` per line";
        case Type::Map: return "write {key: value}, or one `key: value` per line";
        default: return "";
    }
}

std::optional<Value> scalar_from_value(const Value& given, Type type) {
    switch (type) {
        case Type::Any: return given;
        case Type::Secret:
            if (given.holds<Secret>()) return given;
            return Value(to_text(given));
        case Type::String:
            if (given.holds<Secret>()) return std::nullopt;
            return Value(to_text(given));
        case Type::Boolean: return given.holds<bool>() ? std::optional(given) : std::nullopt;
        case Type::Integer: {
            const auto whole = whole_number(given);
            return whole ? std::optional<Value>(*whole) : std::nullopt;
        }
        case Type::Number: return any_number(given) ? std::optional(given) : std::nullopt;
        case Type::Duration: {
            if (given.holds<Duration>()) return given;
            const auto seconds = any_number(given);
            if (!seconds || std::abs(*seconds) > 9e12) return std::nullopt;
            return Value(Duration{Microseconds(std::llround(*seconds * 1e6))});
        }
        case Type::Size: {
            if (given.holds<Size>()) return given;
            const auto bytes = any_number(given);
            if (!bytes || std::abs(*bytes) > 9e18) return std::nullopt;
            return Value(Size{std::llround(*bytes)});
        }
        case Type::Timestamp:
            return given.holds<Timestamp>() ? std::optional(given) : std::nullopt;
        default: return std::nullopt;
    }
}

std::optional<Value> scalar_from_text(const std::string& text, Type type,
                                      const Folders* folders) {
    switch (type) {
        case Type::String:
        case Type::Sql:
        case Type::Connection:
        case Type::Secret:
        case Type::Any: return Value(text);
        case Type::Path: case Type::Source: return path(text, type, folders);
        case Type::Boolean:
            if (text == "true") return Value(true);
            return text == "false" ? std::optional<Value>(false) : std::nullopt;
        case Type::Integer: {
            const auto number = parse_integer(text);
            return number ? std::optional<Value>(*number) : std::nullopt;
        }
        case Type::Number: {
            if (const auto integer = parse_integer(text)) return Value(*integer);
            const auto number = parse_number(text);
            return number ? std::optional<Value>(*number) : std::nullopt;
        }
        case Type::Duration: {
            const auto duration = parse_duration(text);
            if (!duration) return std::nullopt;
            return in_range(*duration) ? Value(*duration) : Value();
        }
        case Type::Size: {
            const auto size = parse_size(text);
            if (!size) return std::nullopt;
            return in_range(*size) ? Value(*size) : Value();
        }
        case Type::Timestamp: {
            const auto moment = parse_timestamp(text);
            return moment ? std::optional<Value>(*moment) : std::nullopt;
        }
        default: return std::nullopt;
    }
}

Value read_core(const Node::Scalar& scalar) {
    const std::string& text = scalar.text;
    if (!scalar.plain) return text;
    if (text == "null") return {};
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    if (const auto integer = parse_integer(text)) return *integer;
    if (text.find_first_of("0123456789") == std::string::npos) return text;
    if (const auto number = parse_number(text)) return *number;
    return text;
}

std::string absolute_path(std::string_view path, std::string_view folder) {
    std::filesystem::path made(path);
    if (made.is_relative()) made = std::filesystem::path(folder) / made;
    std::string text = made.lexically_normal().string();
    if (text.size() > 1 && text.ends_with('/')) text.pop_back();
    return text;
}

}  // namespace drydock::runbook
