#include "engine/runbook/numbers.h"

#include <charconv>
#include <cmath>

namespace drydock::runbook {

std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || rest != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::optional<double> parse_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
    double number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || rest != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::optional<std::int64_t> whole_number(const Value& value) {
    if (const auto* integer = value.find<std::int64_t>()) return *integer;
    const auto* number = value.find<double>();
    if (number == nullptr || std::floor(*number) != *number || std::abs(*number) > 9e15)
        return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

std::optional<double> any_number(const Value& value) {
    if (const auto* integer = value.find<std::int64_t>()) return static_cast<double>(*integer);
    if (const auto* number = value.find<double>()) return *number;
    return std::nullopt;
}

double magnitude(const Value& value) {
    if (const auto* duration = value.find<Duration>())
        return static_cast<double>(duration->length.count());
    if (const auto* size = value.find<Size>()) return static_cast<double>(size->bytes);
    if (const auto* moment = value.find<Timestamp>()) return static_cast<double>(moment->micros);
    return any_number(value).value_or(0);
}

}  // namespace drydock::runbook
