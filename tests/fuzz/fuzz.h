#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// The one function that libFuzzer calls, again and again, with texts that it makes up. A target
// hands the text to a public function; whatever it is, that function answers or throws
// drydock::Error. Everything else (a crash, a sanitizer's report, MUST, more than 2 GiB or 20 s)
// is a finding, whose text libFuzzer leaves in a file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// What holds for every text.
#define MUST(condition)                                                                  \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                \
        }                                                                                \
    } while (false)

namespace drydock::fuzz {

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace drydock::fuzz
