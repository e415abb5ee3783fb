#include "engine/runbook/quantity.h"

#include <date/date.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace drydock::runbook {
namespace {

struct Unit {
    std::string_view name;
    double factor;
};
// Longest first, so that a duration's units can be compared by their index.
constexpr std::array<Unit, 7> kDurationUnits{{{"w", 604'800e6},
                                              {"d", 86'400e6},
                                              {"h", 3'600e6},
                                              {"m", 60e6},
                                              {"s", 1e6},
                                              {"ms", 1e3},
                                              {"us", 1}}};
constexpr std::array<Unit, 5> kSizeUnits{{{"B", 1},
                                          {"KiB", 1024},
                                          {"MiB", 1048576},
                                          {"GiB", 1073741824},
                                          {"TiB", 1099511627776}}};

constexpr double kLargest = 9e18;  // fits int64 with room

// Takes an unsigned decimal number ("12", "1.5") off the front of `text`.
std::optional<double> take_number(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    if (end == 0 || text[0] == '.' || text[end - 1] == '.') return std::nullopt;
    double number = 0;
    const auto [rest, error] =
        std::from_chars(text.data(), text.data() + end, number, std::chars_format::fixed);
    if (error != std::errc() || rest != text.data() + end) return std::nullopt;
    text.remove_prefix(end);
    return number;
}

template <std::size_t N>
std::optional<std::size_t> take_unit(std::string_view& text, const std::array<Unit, N>& units) {
    const std::size_t end = std::min(text.find_first_of("0123456789."), text.size());
    for (std::size_t i = 0; i < N; ++i) {
        if (text.substr(0, end) != units[i].name) continue;
        text.remove_prefix(end);
        return i;
    }
    return std::nullopt;
}

// Exactly `digits` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<Microseconds> take_fraction(std::string_view& text) {
    if (!take(text, ".")) return Microseconds(0);
    std::int64_t micros = 0;
    std::int64_t worth = 100'000;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9';
         ++digits, worth /= 10) {
        micros += (text[digits] - '0') * worth;
    }
    if (digits == 0 || digits > 6) return std::nullopt;
    text.remove_prefix(digits);
    return Microseconds(micros);
}

// "Z", "+01:00", "-0530", "+02": how far the written time is ahead of UTC.
std::optional<std::chrono::minutes> take_zone(std::string_view& text) {
    if (take(text, "Zz")) return std::chrono::minutes(0);
    const bool behind = text.starts_with('-');
    if (!take(text, "+-")) return std::nullopt;
    const auto hours = take_digits(text, 2);
    take(text, ":");
    const auto minutes = text.empty() ? std::optional<int>(0) : take_digits(text, 2);
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
    const std::chrono::minutes ahead(*hours * 60 + *minutes);
    return behind ? -ahead : ahead;
}

std::optional<date::sys_days> take_date(std::string_view& text) {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, "-")) return std::nullopt;
    const auto month = take_digits(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    const auto day = take_digits(text, 2);
    if (!day) return std::nullopt;
    const date::year_month_day found{date::year(*year), date::month(static_cast<unsigned>(*month)),
                                     date::day(static_cast<unsigned>(*day))};
    if (!found.ok()) return std::nullopt;
    return date::sys_days(found);
}

std::optional<Microseconds> take_time(std::string_view& text) {
    const auto hour = take_digits(text, 2);
    if (!hour || !take(text, ":")) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    Microseconds time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
    if (!take(text, ":")) return time;
    const auto second = take_digits(text, 2);
    if (!second || *second > 59) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    return time + std::chrono::seconds(*second) + *fraction;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    double micros = 0;
    std::size_t next_unit = 0;
    while (!text.empty()) {
        const auto number = take_number(text);
        if (!number) return std::nullopt;
        const auto unit = take_unit(text, kDurationUnits);
        if (!unit || *unit < next_unit) return std::nullopt;
        next_unit = *unit + 1;
        micros += *number * kDurationUnits[*unit].factor;
    }
    if (micros > kLargest) return std::nullopt;
    return Duration{Microseconds(std::llround(micros))};
}

bool in_range(Duration duration) {
    using namespace std::chrono_literals;
    if (duration.length == 0us) return true;
    return duration.length >= 50ms && duration.length <= 365 * 24h;
}

std::optional<Size> parse_size(std::string_view text) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const auto unit = take_unit(text, kSizeUnits);
    if (!unit || !text.empty()) return std::nullopt;
    const double bytes = *number * kSizeUnits[*unit].factor;
    if (bytes > kLargest) return std::nullopt;
    return Size{std::llround(bytes)};
}

bool in_range(Size size) { return size.bytes >= 0 && size.bytes <= std::int64_t{10} << 30; }

std::optional<Timestamp> parse_timestamp(std::string_view text) {
    const auto day = take_date(text);
    if (!day || !take(text, "Tt ")) return std::nullopt;
    const auto time = take_time(text);
    if (!time) return std::nullopt;
    const auto ahead = take_zone(text);
    if (!ahead || !text.empty()) return std::nullopt;
    const date::sys_time<Microseconds> moment = *day + *time - *ahead;
    return Timestamp{moment.time_since_epoch().count()};
}

}  // namespace drydock::runbook
