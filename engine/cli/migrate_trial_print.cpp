#include "engine/cli/migrate_trial_print.h"

#include "engine/cli/text.h"

namespace drydock::cli {
namespace {

std::string_view way_of(const migrate::Applied::One& one) {
    return one.way == migrate::Passage::Way::Up ? "up" : "down";
}

}  // namespace

void print_applied(Output& output, const migrate::Applied& applied) {
    for (const migrate::Applied::One& one : applied.done) {
        output.line("  " + padded(way_of(one), 5) +
                    padded(fitted(migrate::called(one.version, one.name), output.width() - 22),
                           output.width() - 22) +
                    "  " + span(one.took.count()));
    }
}

Value::List to_list(const migrate::Applied& applied) {
    Value::List list;
    for (const migrate::Applied::One& one : applied.done) {
        list.emplace_back(Value::Map{{"version", one.version},
                                     {"name", one.name},
                                     {"way", way_of(one)},
                                     {"seconds", static_cast<double>(one.took.count()) / 1e6}});
    }
    return list;
}

}  // namespace drydock::cli
