#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/schema/catalog.h"

namespace drydock::schema {

// What a step says that a database must have. Names are looked up as the session would: along its
// search path when they stand without a schema.
struct Wanted {
    std::vector<std::string> indexes;
    std::map<std::string, std::vector<std::string>> columns;      // by table
    std::map<std::string, std::vector<std::string>> constraints;  // by table
};

// What of it is not there or not usable, a line each that names it: "index by_mail is INVALID".
struct Findings {
    std::vector<std::string> missing;
    std::vector<std::string> remedies;  // the next commands, each once
    // What is there and might surprise: a constraint that is not validated.
    std::vector<std::string> warnings;
};
[[nodiscard]] Findings check(const Catalog& catalog, const Wanted& wanted);

}  // namespace drydock::schema
