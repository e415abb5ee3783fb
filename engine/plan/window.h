#pragma once

#include <optional>
#include <string>

#include "engine/runbook/runbook.h"
#include "engine/value.h"

namespace drydock::plan {

// When steps that change something may start: each week at a day and time, or each day.
struct WindowTimes {
    std::optional<int> weekday;  // 0 Sunday … 6 Saturday; none: every day
    int minute_of_day = 0;
    Microseconds lasts{0};
    Microseconds reserve{0};     // kept free at the end
    std::string timezone;        // IANA name
};

// "Sun 02:00", "02:00". Throws Error{Document}.
[[nodiscard]] WindowTimes parse_window(const std::string& opens, Microseconds lasts,
                                       Microseconds reserve, const std::string& timezone);

struct WindowNow {
    bool open = false;
    Timestamp opens;   // the next opening, or that of the window we are in
    Timestamp closes;  // without the reserve
};
// A local time that does not exist means the first moment after the gap; one that exists twice
// means the first. Throws Error{Document} for an unknown time zone.
[[nodiscard]] WindowNow window_at(const WindowTimes& times, Timestamp now);

}  // namespace drydock::plan
