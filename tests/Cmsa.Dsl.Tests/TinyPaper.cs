namespace Cmsa.Dsl.Tests;

/// <summary>The paper's model at the smallest sizes that have all of its parts.</summary>
internal static class TinyPaper
{
    public static Sizes Sizes { get; } =
        new(
            ResNet.Of18 with
            {
                Width = 2,
                Blocks = [1, 1, 1, 1],
                OutputStride = 8,
            },
            Image: 16,
            Words: 3,
            Vocabulary: 7,
            WordChannels: 3,
            Attention: 2,
            FusedChannels: 2,
            FixedBackbone: false
        );
}
