return await RolloutController.Cli.CommandLine.InvokeAsync(args);
