using Cmsa.Dsl.Display;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>What a listing says of a model's stages, where it does.</summary>
internal static class BoundStages
{
    /// <summary>The stages of a graph; none where no input is bound.</summary>
    public static Either<Error, Option<StageTable>> Of(Graph graph, Many<string> bound, bool training = false) =>
        bound.IsEmpty ? Option<StageTable>.None : StageTable.Of(graph, bound, training).Map(Some);

    /// <summary>The stages below what stands above them.</summary>
    public static Many<Line> Lines(Option<StageTable> stages) =>
        stages.Match(table => [new(""), .. table.Lines().Map(text => new Line(text))], () => (Many<Line>)[]);

    /// <summary>The stages in JSON; null where there are none.</summary>
    public static object? Json(Option<StageTable> stages) =>
        stages.MatchUnsafe<object?>(
            table =>
                table.Plan.Stages.Map(stage => new
                {
                    stage.Name,
                    stage.MultiplyAdds,
                    KeptBytes = stage.Kept,
                    PeakBytes = stage.Peak,
                }),
            () => null
        );
}
