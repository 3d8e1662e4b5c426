using System.Globalization;
using Cmsa.Experiments.Scoring;

namespace Cmsa.Experiments.Runs;

/// <summary>
/// The numbers of a log's lines that its views show: the columns of <c>log.csv</c>, and the scalars of the event file.
/// </summary>
/// <param name="Validation">
/// Those of a validation. The first marks the line: every line of a validation has it, and no other line.
/// </param>
internal sealed record LogColumns(Many<string> Validation)
{
    /// <summary>Those of training steps.</summary>
    public static Many<string> Training { get; } =
    [
        "loss",
        "rate",
        "images_per_second",
        "seconds",
        "waited",
        "memory",
        "gradient_norm",
    ];

    /// <summary>Those of referring segmentation.</summary>
    public static LogColumns Referring { get; } =
        new([
            Log.Validation,
            "mean_iou",
            .. Score.Thresholds.Select(t => string.Create(CultureInfo.InvariantCulture, $"precision@{t:0.0}")),
            "ema_overall_iou",
            "ema_mean_iou",
        ]);

    /// <summary>What the line of a validation has, and no other.</summary>
    public string Mark => Validation[0];

    /// <summary>All columns, those of training first.</summary>
    public Many<string> All => Training + Validation;
}
