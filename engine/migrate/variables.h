#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/migrate/script.h"

namespace drydock::migrate {

// A text whose variables were replaced, and where each of its bytes stands in the file.
class ReplacedText final {
  public:
    std::string text;

    // Adds bytes [begin, end) of the file as they are.
    void copy(const SourceFile& file, std::size_t begin, std::size_t end);
    // Adds what stands for the file's byte at `offset`.
    void replace(std::string_view value, std::size_t offset);
    // The offset in the file of the byte `at` of `text`; of what replaced a variable: of that.
    [[nodiscard]] std::size_t in_file(std::size_t at) const;

  private:
    struct Segment {
        std::size_t made = 0;     // offset in `text`
        std::size_t written = 0;  // offset in the file
        bool copied = true;
    };
    std::vector<Segment> segments_;
};

// Adds the spans of a part to `made`, their variables replaced by the values that the caller of
// read_folder allows. A variable without a value is a problem, told with its place.
void replace_variables(Reading& reading, const SourceFile& file, const Part& part,
                       ReplacedText& made);

}  // namespace drydock::migrate
