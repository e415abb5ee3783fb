// migrate history: what was done, by whom and when.

#include <fmt/format.h>

#include "engine/cli/commands.h"
#include "engine/cli/migrate_place.h"
#include "engine/cli/text.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

using migrate::Record;
using migrate::Standing;

constexpr double kSecond = 1'000'000;

std::string took(const Record& record) {
    if (!record.ended) return "unfinished";
    const auto micros = static_cast<double>(record.ended->micros - record.began.micros);
    return fmt::format("{:.2f} s", micros / kSecond);
}

Value::Map to_map(const Record& record) {
    Value::Map map{{"action", migrate::action_name(record.action)},
                   {"version", record.version},
                   {"name", record.name},
                   {"digest", record.digest},
                   {"began", record.began},
                   {"parts", record.parts},
                   {"parts_done", record.parts_done},
                   {"by", record.who},
                   {"run", record.run},
                   {"reason", record.reason}};
    if (record.ended) map.emplace("ended", *record.ended);
    return map;
}

void print(Output& output, const Record& record) {
    const bool undone = !record.ended;
    const std::string run = record.run.empty() ? "" : "  run " + run::short_id(record.run);
    const std::string reason = record.reason.empty() ? "" : "  " + record.reason;
    output.line(to_text(record.began).substr(0, 16) + "  " +
                output.styled(undone ? Style::Red : Style::Plain,
                              padded(migrate::action_name(record.action), 10)) +
                " " +
                fitted(migrate::called(record.version, record.name) + "  " + took(record) + "  " +
                           record.who + run + reason,
                       output.width() - 29));
}

// What the tool did without Drydock has no record.
void print_tools(Output& output, const MigratePlace& place) {
    for (const Standing& one : place.state().standings) {
        const bool applied = place.state().is_applied(one.key);
        if (!applied || one.record) continue;
        output.line(padded(one.at.substr(0, 16), 16) + "  " + padded("up", 10) + " " +
                    fitted(migrate::called(one.version, one.name) + "  by " +
                               std::string(migrate::format_name(place.folder().format)),
                           output.width() - 29));
    }
}

}  // namespace

int migrate_history_command(Assembly& assembly, const Arguments& arguments) {
    const MigratePlace place(assembly, arguments);
    Output& output = assembly.output();
    if (output.json()) {
        for (const Record& record : place.state().records) output.json_line(to_map(record));
        return 0;
    }
    print_tools(output, place);
    for (const Record& record : place.state().records) print(output, record);
    if (place.state().records.empty() && place.state().newest() == nullptr)
        output.line(place.state().history + ": nothing was applied yet");
    return 0;
}

}  // namespace drydock::cli
