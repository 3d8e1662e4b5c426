using Cmsa.Models;

namespace Cmsa.Tests;

/// <summary>Sizes of the paper's model that train within a test: the model, seen through a keyhole.</summary>
internal static class TinySizes
{
    public static Sizes Sizes { get; } =
        new(
            new ResNet([1, 1, 1, 1], false, Width: 4, OutputStride: 8),
            Image: 32,
            Words: 8,
            Vocabulary: 64,
            WordChannels: 8,
            Attention: 8,
            FusedChannels: 8,
            FixedBackbone: false
        );
}
