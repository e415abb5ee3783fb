#pragma once

#include "engine/cli/output.h"
#include "engine/migrate/state.h"

// What there is to say of a folder of migrations beside how they stand: programs that Drydock
// cannot run, notes of its readers, numbers that are missing, files that are no migrations. Pure.
namespace drydock::cli {

// Notes of files that are applied are left out: those cannot be changed any more.
void print_remarks(Output& output, const migrate::Folder& folder, const migrate::State& state);

// All of it: `programs`, `notes`, `gaps`, `beside`.
void add_remarks(Value::Map& map, const migrate::Folder& folder);

}  // namespace drydock::cli
