#include "engine/handbook/tables.h"

#include <algorithm>

#include "engine/cases/keys.h"
#include "engine/check.h"
#include "engine/config/keys.h"

namespace drydock::handbook {

const std::vector<const runbook::KeyTable*>& tables() {
    static const std::vector<const runbook::KeyTable*> kAll = [] {
        std::vector<const runbook::KeyTable*> all;
        for (const auto& some : {runbook::runbook_tables(), config::settings_tables(),
                                 cases::cases_tables()})
            all.insert(all.end(), some.begin(), some.end());
        return all;
    }();
    return kAll;
}

const runbook::KeyTable& table_of(std::string_view place) {
    const auto found = std::ranges::find(tables(), place, &runbook::KeyTable::place);
    CHECK(found != tables().end());
    return **found;
}

std::vector<std::string_view> words_in(std::string_view list) {
    std::vector<std::string_view> words;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(' '), list.size());
        words.push_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return words;
}

}  // namespace drydock::handbook
