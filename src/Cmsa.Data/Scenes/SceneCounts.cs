using Cmsa.Data.Scenes.World;

namespace Cmsa.Data.Scenes;

/// <summary>How many samples each split of a built-in data set has; a flavour uses those of its own splits.</summary>
/// <param name="Train">Samples of <c>train</c>.</param>
/// <param name="Validation">Samples of <c>val</c>.</param>
/// <param name="TestA">Samples of <c>testA</c>.</param>
/// <param name="TestB">Samples of <c>testB</c>.</param>
/// <param name="Test">Samples of <c>test</c>.</param>
public sealed record SceneCounts(
    int Train = 20_000,
    int Validation = 1_000,
    int TestA = 1_000,
    int TestB = 1_000,
    int Test = 1_000
)
{
    /// <summary>How many samples a split has; 0 for a split that does not exist.</summary>
    public int Of(string split) =>
        split switch
        {
            SceneSplit.Train => Train,
            SceneSplit.Validation => Validation,
            SceneSplit.TestA => TestA,
            SceneSplit.TestB => TestB,
            SceneSplit.Test => Test,
            _ => 0,
        };
}
