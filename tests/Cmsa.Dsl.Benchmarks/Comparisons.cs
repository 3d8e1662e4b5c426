using Cmsa.Benchmarks;
using Cmsa.Models;

namespace Cmsa.Dsl.Benchmarks;

/// <summary>One level's attention with word pooling.</summary>
public class AttentionComparison()
    : Compared(
        Workload.Attention(new(16, 16, Words: 12, Width: 64, Channels: 512)),
        Backend.AsWritten,
        Backend.Fused,
        Backend.Optimised
    );

/// <summary>A small model of the paper as a whole.</summary>
public class PaperComparison()
    : Compared(
        Workload.Paper(
            new(
                ResNet.Of18 with
                {
                    Width = 16,
                    OutputStride = 8,
                },
                Image: 96,
                Words: 12,
                Vocabulary: 64,
                WordChannels: 48,
                Attention: 32,
                FusedChannels: 48,
                FixedBackbone: false
            )
        ),
        Backend.ByHand,
        Backend.AsWritten,
        Backend.Fused,
        Backend.Optimised
    );

/// <summary>A backbone.</summary>
public class BackboneComparison()
    : Compared(
        Workload.Backbone(ResNet.Of50 with { Variant = ResNetVariant.Caffe }, InputSpec.Image(160, 160)),
        Backend.ByHand,
        Backend.AsWritten,
        Backend.Optimised
    );
