#include "engine/plan/window.h"

#include <date/date.h>
#include <date/tz.h>

#include <array>
#include <cstdio>
#include <stdexcept>

#include "engine/error.h"

namespace drydock::plan {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

const date::time_zone* zone_of(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        throw Error(ErrorCode::Document, "there is no time zone " + name,
                    "use a name like Europe/Berlin or UTC; the package tzdata has them");
    }
}

date::sys_time<Microseconds> moment(const date::time_zone& zone, date::local_days day, int minute) {
    const auto local = date::local_time<Microseconds>(day) + std::chrono::minutes(minute);
    const auto info = zone.get_info(local);
    // In a gap: the first instant after it. Twice: the first.
    if (info.result == date::local_info::nonexistent) return info.second.begin;
    return date::sys_time<Microseconds>(local.time_since_epoch()) - info.first.offset;
}

}  // namespace

WindowTimes parse_window(const std::string& opens, Microseconds lasts, Microseconds reserve,
                         const std::string& timezone) {
    WindowTimes times{
        .lasts = lasts, .reserve = reserve, .timezone = timezone.empty() ? "UTC" : timezone};
    std::string clock = opens;
    for (std::size_t day = 0; day < kDays.size(); ++day) {
        if (!opens.starts_with(std::string(kDays[day]) + " ")) continue;
        times.weekday = static_cast<int>(day);
        clock = opens.substr(4);
    }
    int hour = -1, minute = -1, used = 0;
    const bool read = std::sscanf(clock.c_str(), "%2d:%2d%n", &hour, &minute, &used) == 2;
    if (!read || static_cast<std::size_t>(used) != clock.size() || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59) {
        throw Error(ErrorCode::Document, "window opens at \"" + opens + "\", which is no time",
                    "opens: \"Sun 02:00\", or opens: \"02:00\" for every day");
    }
    times.minute_of_day = hour * 60 + minute;
    return times;
}

WindowNow window_at(const WindowTimes& times, Timestamp now) {
    const date::time_zone& zone = *zone_of(times.timezone);
    const date::sys_time<Microseconds> at{Microseconds(now.micros)};
    const auto today = date::floor<date::days>(zone.to_local(at));
    // A window may have opened some days ago and still be open; nine days on, the next one is
    // found.
    for (int offset = -8; offset <= 8; ++offset) {
        const date::local_days day = today + date::days(offset);
        if (times.weekday && static_cast<int>(date::weekday(day).c_encoding()) != *times.weekday)
            continue;
        const auto opens = moment(zone, day, times.minute_of_day);
        const auto closes = opens + times.lasts;
        if (closes - times.reserve <= at) continue;
        return {.open = opens <= at,
                .opens = {opens.time_since_epoch().count()},
                .closes = {(closes - times.reserve).time_since_epoch().count()}};
    }
    throw Error(ErrorCode::Document, "the window never opens: it is shorter than its reserve");
}

}  // namespace drydock::plan
