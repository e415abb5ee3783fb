#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/migrate/reading.h"

// From a part of a file to the statements of a script. Of this room alone.
namespace drydock::migrate {

// Which variables of a text are replaced.
enum class Variables : std::uint8_t {
    None,
    Shell,   // $NAME, ${NAME}, ${NAME:-default}: goose
    Braces,  // ${name}: Flyway
};

// Bytes of a file.
struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    Variables variables = Variables::None;
};

// What is cut into statements by itself: none goes on in the next part.
struct Part {
    std::vector<Span> spans;       // at least one, in the order of the file
    bool wants_semicolon = false;  // the tool refuses a last statement without one

    [[nodiscard]] std::size_t begin() const { return spans.front().begin; }
    [[nodiscard]] std::size_t end() const { return spans.back().end; }
    // As it is written: nothing is left out or replaced.
    [[nodiscard]] bool is_written() const {
        return spans.size() == 1 && spans.front().variables == Variables::None;
    }
};

// Parts in the order of the file. What is wrong goes to `reading`; the script is then incomplete.
[[nodiscard]] Script make_script(Reading& reading, std::shared_ptr<const SourceFile> file,
                                 const std::vector<Part>& parts);

// All of the file.
[[nodiscard]] Script make_script(Reading& reading, std::shared_ptr<const SourceFile> file);

// What comments above the statements say of the migration, for any format: its description, and why
// it cannot be taken back. `reverse` is settled from `down`.
void finish_migration(Reading& reading, Migration& migration);

}  // namespace drydock::migrate
