#include "engine/sql/version.h"

#include <charconv>
#include <string>
#include <vector>

#include "engine/error.h"

namespace drydock::sql {
namespace {

// The numbers at the beginning of `text`; what follows them ("15.4 (Debian …)") does not count.
std::vector<int> numbers_of(std::string_view text) {
    std::vector<int> numbers;
    for (;;) {
        int number = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failed != std::errc()) return numbers;
        numbers.push_back(number);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (!text.starts_with('.')) return numbers;
        text.remove_prefix(1);
    }
}

}  // namespace

void require_version(std::string_view product, std::string_view have, std::string_view wanted) {
    const std::vector<int> least = numbers_of(wanted);
    if (least.empty() || wanted.find_first_not_of("0123456789.") != std::string_view::npos) {
        throw Error(ErrorCode::Document, "min_version: `" + std::string(wanted) + "` is no version",
                    "write it with quotes, as min_version: \"15\" or \"15.4\"");
    }
    std::vector<int> found = numbers_of(have);
    found.resize(std::max(found.size(), least.size()));
    found.resize(least.size());
    if (found >= least) return;
    throw Error(ErrorCode::Check,
                "it is " + std::string(product) + " " + std::string(have) +
                    ", and the runbook needs " + std::string(wanted) + " or newer",
                "upgrade it, or lower min_version where the runbook declares the connection");
}

}  // namespace drydock::sql
