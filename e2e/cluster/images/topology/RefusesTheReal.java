package com.mycompany;

import java.util.Map;
import org.apache.storm.generated.InvalidTopologyException;
import org.apache.storm.generated.StormTopology;
import org.apache.storm.nimbus.ITopologyValidator;

/** A nimbus.topology.validator that takes a topology under the name of a dry run, and refuses it, or fails at it, under its own. */
public class RefusesTheReal implements ITopologyValidator {
    @Override
    public void prepare(Map<String, Object> conf) {
    }

    @Override
    public void validate(String name, Map<String, Object> conf, StormTopology topology) throws InvalidTopologyException {
        boolean dryRun = name.contains("-stormhooks-probe-");
        if (conf.containsKey("stories.refused") && !dryRun) {
            throw new InvalidTopologyException("team data has no topologies left");
        }
        if (conf.containsKey("stories.fails") && !dryRun) {
            throw new IllegalStateException("team data is away");
        }
    }
}
