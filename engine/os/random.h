#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace drydock::os {

// Where ids, salts and jitter come from: an interface, so that tests can have the same ones each
// time. Thread-safety is the implementation's.
class Random {
  public:
    virtual ~Random() = default;
    [[nodiscard]] virtual std::string bytes(std::size_t count) = 0;
    // Uniform in [0, below); `below` > 0.
    [[nodiscard]] std::uint64_t number(std::uint64_t below);
};

// The kernel's generator (getrandom). Thread-safe; lives as long as the program.
[[nodiscard]] Random& system_random();

// The same bytes for the same seed, for tests. Not thread-safe, and no secret.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : source_(seed) {}
    [[nodiscard]] std::string bytes(std::size_t count) override;

  private:
    std::mt19937_64 source_;
};

}  // namespace drydock::os
