using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LanguageExt;

namespace Cmsa.Dsl.Tests;

public class JsonTests
{
    /// <summary>A layer of somebody else's, with every type of parameter.</summary>
    public sealed record Own(
        string Label, double Rate, Option<double> Limit, Many<int> Sizes, Many<(string Name, Layer Layer)> Table, Over Over = Over.Pairs,
        bool Flag = true, long Long = 5, float Short = 0.5f, Option<int> Absent = default, Many<string> Words = default) : Layer<FeatureMap, FeatureMap>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => input;
    }

    internal static readonly Dictionary<string, Layer> Models = new()
    {
        { "paper", Paper.Model(Sizes.Paper) },
        { "released", Released.Model(Sizes.Paper) },
        { "small", Paper.Model(Sizes.Small) },
        { "ablation", Paper.Model(Sizes.Small).Replace<SelfAttention>(a => a with { Over = Over.Pixels }) },
        { "special", Paper.Model(Sizes.Small).Replace("res5.attention", new SelfAttention(8)) },
        { "resnet18", ResNet.Of18.Classifier(1000) },
        { "resnet152", ResNet.Of152.Classifier(10) },
        { "own", Conv(3, 1) >> new Own("a \"b\" \\ é \u2028", double.NegativeInfinity, 2.5, [1, -2], [("x", Relu >> Conv(1, 1)), ("y", new Chunk(0, 2))]) },
    };

    public static TheoryData<string> Names => [.. Models.Keys];

    private static Layer Read(string json) => Json.Read(json).Match(Succ: l => l, Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));

    private static string Errors(string json) => string.Join("\n", Json.Read(json).Match(Succ: l => throw new InvalidOperationException($"{l}"), Fail: errors => errors));

    [Theory, MemberData(nameof(Names))]
    public void What_is_written_is_read_back_equal(string name)
    {
        var model = Models[name];
        var json = Json.Write(model);
        Assert.Equal(model, Read(json));
        Assert.Equal(json, Json.Write(Read(json)));
    }
}
